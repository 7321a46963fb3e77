//go:build !amd64 && !arm64

package herd

// On other processors nothing is fetched ahead.

func fetchWords(_, _, _ *uint64) {}
func fetchBytes(_, _ *byte)      {}
