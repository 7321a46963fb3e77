// Package stage puts the built-in herd on a stage where it can be hurt: five real
// processes, each in a network namespace of its own if the machine allows that,
// else on loopback; toxiproxies between neighbours; and an upstream that lies when
// it is told to.
//
// Everything that a stage makes of namespaces, addresses and small disks is made
// inside namespaces that belong to the process itself (see Enclose), so that
// nothing is left of it on the machine, however the process ends.
package stage
