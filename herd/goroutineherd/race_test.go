//go:build race

package goroutineherd

// racing says that races are looked for: a sync.Pool then drops some of what it is given.
const racing = true
