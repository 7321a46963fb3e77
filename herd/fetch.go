//go:build amd64 || arm64

package herd

// fetchWords and fetchBytes have the memory that these are in brought to the nearest
// cache, and do not wait for it. That is one instruction, for which Go has no name: a
// load in its place holds up all that comes behind it until the memory is there.

//go:noescape
func fetchWords(a, b, c *uint64)

//go:noescape
func fetchBytes(a, b *byte)
