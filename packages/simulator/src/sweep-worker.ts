import { scenarioNamed } from './scenario-named';
import { serveSeeds } from './seed-service';
import { Simulation } from './simulation';

// The program of a worker process of a sweep.
serveSeeds((scenario, seed) => new Simulation(scenarioNamed(scenario), seed).run());
