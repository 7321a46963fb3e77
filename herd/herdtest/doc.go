// Package herdtest plays scripts against a herd, whatever it is made of: in
// memory and in virtual time, or real processes. The scripts in herd/testdata
// say what a client sends and what it must get, byte for byte.
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
// Text in double quotes is Go's: "\xff\r\n". In an expected line {+0.5} is a
// difference: exact where the time is the script's, and any well-formed one on
// real clocks; {json 2} is a line of JSON with two results, {json error} one
// that tells of an error.
package herdtest
