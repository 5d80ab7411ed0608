import { deploymentsConformance, memoryRegistry, registryRepositoriesConformance } from '#testkit';

const open = () => Promise.resolve(memoryRegistry());
registryRepositoriesConformance('memory', open);
deploymentsConformance('memory', open);
