// Package herdtest plays scripts against a herd, whatever it is made of: in
// memory and in virtual time, or real processes. The scripts in herd/testdata, in
// the language of package script, say what a client sends and what it must get,
// byte for byte.
package herdtest
