// Loaded before the tests that judge a fault: property tests draw the same examples with and without it, so that what fails
// is the fault and not the draw.
import fc from 'fast-check';

fc.configureGlobal({ seed: 20261122 });
