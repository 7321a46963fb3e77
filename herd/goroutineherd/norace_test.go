//go:build !race

package goroutineherd

const racing = false
