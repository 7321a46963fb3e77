// Package sim fights whole herds in virtual time, and checks every promise that
// can be seen from outside or in the stores.
//
// The servers are the real ones, package reactorherd on reactors in memory. One
// seed decides everything: who talks to whom, the settings, what clients say and
// when, and what breaks. So a failure is a number: run it again, and the same
// happens, event for event.
//
//   - [NewFight] draws a fight from a seed, and [Fight.Run] carries it out;
//   - [Shrink] makes a fight that fails smaller, as long as it fails;
//   - [Fight.WriteScript] writes one as a script, and [ReadScript] reads it back;
//   - [Campaign] runs many, and counts what occurred in them;
//   - [Spread] follows updates through a large herd, and compares what they cost
//     with the formulas.
//
// [Variants] are servers with a known mistake, by which the checks are checked.
package sim
