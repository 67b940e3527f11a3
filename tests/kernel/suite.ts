// The whole suite in one process: node:test runs what these files ask for, one after the other.
import './arduino.test.js';
import './faults.test.js';
import './whole-gateway.test.js';
import './drivers/kernel-drivers.test.js';
