// Loaded by node before the program of a pod's container, see local/kubernetes/pods/start.ts.
import { departAs } from './depart.ts';

await departAs('pods');
