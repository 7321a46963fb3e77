// Package sinktest is what tests of sinks need: a database in memory that fails when it
// is told to, real ones that are started for a test on free ports of the machine, and
// the contract that each sink.Database keeps.
package sinktest
