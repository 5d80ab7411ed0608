import {
  aliasesConformance,
  deploymentsConformance,
  modelsConformance,
  memoryRegistry,
  registryRepositoriesConformance,
} from '#testkit';

const open = () => Promise.resolve(memoryRegistry());
registryRepositoriesConformance('memory', open);
deploymentsConformance('memory', open);
modelsConformance('memory', open);
aliasesConformance('memory', open);
