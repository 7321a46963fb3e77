// Package script reads what is said and done to a herd, and what must come of it: the
// files of herd/testdata. Package herdtest plays them, and package sim fights them.
//
// A script has one statement a line; # begins a comment. A server is named by
// its name, a client by any other word.
//
//	at 1700000000.5          the time is that (virtual time only)
//	a -> Farmar              client a connects to Farmar
//	a > IAMAT kiwi ...       a sends the text and a LF
//	a >| "IAM"               a sends exactly that
//	a < ? IAMAT              a gets exactly this line next
//	a ends                   a sends no more (half-close)
//	a closed                 a gets no more: the server has ended too
//	knows kiwi Hill Young    before long, both answer for kiwi, and the same
//	unknown kiwi Hill        Hill does not know kiwi
//	kill Meeks               the server is killed, as by a crash
//	start Meeks              it is back
//
// The simulator, package sim, knows more:
//
//	graph ring 7 1           seven servers in a ring, drawn with the seed 1
//	set window 600           one of the simulator's settings
//	stop Meeks               the server is asked to end in order
//	cut Hill Meeks           nothing gets from one to the other
//	cutoneway Hill Meeks     nothing gets from the first to the second
//	slow Hill Meeks 2000     2,000 bytes a second, each way
//	delay Hill Meeks 50ms    everything takes so long, each way
//	heal Hill Meeks          the link is what it was
//	sever Hill Meeks         their connections end, maybe within a line
//	pause Meeks              it does nothing, but its system does
//	resume Meeks             it goes on
//	clock Meeks -5m          its clock is behind by that
//	upstream fails           it does, or breaks, or works
//	a aborts                 a's connection ends with a reset
//	a rests, a reads         a takes no answers; it does again
//	mend Hill Meeks          whatever is broken among these is mended
//	agree Hill Meeks         before long they hold the same, and every promise was kept
//
// Text in double quotes is Go's: "\xff\r\n". In an expected line {+0.5} is a
// difference: exact where the time is the script's, and any well-formed one on
// real clocks; {json 2} is a line of JSON with two results, {json error} one
// that tells of an error.
package script
