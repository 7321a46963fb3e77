//go:build !race

package main

// buildFlags make the program that is tested the same as the test.
var buildFlags []string
