import {
  aliasesConformance,
  deploymentsConformance,
  modelsConformance,
  registryRepositoriesConformance,
  storedRegistry,
  testStorage,
} from '#testkit';

async function open() {
  const { storage, actor, stranger, close } = await testStorage();
  return { ...storedRegistry(storage), actor, stranger, close };
}
registryRepositoriesConformance('PostgreSQL', open);
deploymentsConformance('PostgreSQL', open);
modelsConformance('PostgreSQL', open);
aliasesConformance('PostgreSQL', open);
