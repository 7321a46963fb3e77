// Package fault is what is done to a herd to hurt it: each fault in a few lines, with
// what it needs of the machine, how it starts and how it stops; and plans, drawn from
// a seed, of which faults strike when and whom.
//
// A new fault is a variable of type Fault, named in All.
package fault
