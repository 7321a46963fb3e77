// Package configfile reads and writes the herd's settings as a JSON file, and
// finds the secret that goes with them.
//
// A file need only say what differs from herd.Default. A mistake in it is never
// passed over: an unknown key, a key given twice, a value of the wrong type or
// text after the end is refused, with its place and what was probably meant. A
// list is taken as a whole: a file that gives "servers" gives all of them.
package configfile
