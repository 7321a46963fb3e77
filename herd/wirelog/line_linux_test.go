package wirelog

import (
	"os"
	"syscall"
	"testing"
)

// A line that ends where memory does is read no further.
func TestNoByteBeyondALineIsRead(t *testing.T) {
	page := os.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Munmap(memory)
	for i := range memory {
		memory[i] = 'x'
	}
	memory[page-1] = '\n'
	if err := syscall.Mprotect(memory[page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	dst := make([]byte, page)
	for size := 1; size <= 100; size++ {
		if n := copyLine(dst, memory[page-size:page]); n != size-1 {
			t.Fatalf("a line of %d bytes is copied as one of %d", size-1, n)
		}
		if n := copyLine(dst, memory[page-size:page-1]); n >= 0 {
			t.Fatalf("%d bytes without an end are copied as a line of %d", size-1, n)
		}
	}
}
