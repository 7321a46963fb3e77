package journal

import (
	"encoding/binary"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// end is a file beside the store with the number of the last batch that is safe.
// Pebble takes a log whose last part is damaged for one that was torn by a crash,
// and drops that part without a word; the store then ends before this number.
//
// It is written over in place and never synced: after a lost power supply it may be
// an older number, or none, and then a damaged end passes for a torn one.
type end struct{ vfs.File }

// endSize is that of the number and of its complement: a number without it counts
// for nothing.
const endSize = 16

func openEnd(fs vfs.FS, path string) (end, error) {
	f, err := fs.OpenReadWrite(path, vfs.WriteCategoryUnspecified)
	return end{f}, err
}

// read returns the number; 0 if there is none.
func (e end) read() uint64 {
	var b [endSize]byte
	if n, _ := e.ReadAt(b[:], 0); n < endSize {
		return 0
	}
	number := binary.BigEndian.Uint64(b[:])
	if binary.BigEndian.Uint64(b[8:]) != ^number {
		return 0
	}
	return number
}

// write writes it. If that fails there is an older one, as after a lost power supply.
func (e end) write(number uint64) {
	var b [endSize]byte
	binary.BigEndian.PutUint64(b[:], number)
	binary.BigEndian.PutUint64(b[8:], ^number)
	_, _ = e.WriteAt(b[:], 0)
}
