package journal

import (
	"io"
	"io/fs"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// gate stands between Pebble and the file system. When a write fails, Pebble
// panics with locks held that its own deferred calls then unlock once more, which
// ends the process, or it says that it must be ended. So the goroutine that was
// told of the error is never told: it stands still for ever in the gate, and the
// journal, which was, opens the store anew and forgets the old one. That one
// cannot do harm any more, as whatever else of it wants to write stands still too.
// It costs the memory of an empty store, at most as often as the journal tries.
type gate struct {
	vfs.FS
	shut   atomic.Bool // nothing is written any more, nor read: Pebble tries again at once
	failed func(error)
}

// pass waits for ever if nothing may be done.
func (g *gate) pass() {
	if g.shut.Load() {
		select {}
	}
}

// done returns what the file system has said, unless it is an error.
func (g *gate) done(err error) error {
	if err == nil {
		return nil
	}
	g.failed(err)
	select {}
}

func (g *gate) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	g.pass()
	f, err := g.FS.Create(name, category)
	return g.opened(f, err)
}

func (g *gate) OpenReadWrite(name string, category vfs.DiskWriteCategory, o ...vfs.OpenOption) (vfs.File, error) {
	g.pass()
	f, err := g.FS.OpenReadWrite(name, category, o...)
	return g.opened(f, err)
}

func (g *gate) ReuseForWrite(old, name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	g.pass()
	f, err := g.FS.ReuseForWrite(old, name, category)
	return g.opened(f, err)
}

func (g *gate) OpenDir(name string) (vfs.File, error) {
	g.pass()
	f, err := g.FS.OpenDir(name)
	return g.opened(f, err)
}

func (g *gate) Open(name string, o ...vfs.OpenOption) (vfs.File, error) {
	g.pass()
	f, err := g.FS.Open(name, o...)
	if err != nil {
		return nil, err // what cannot be read is Pebble's to tell
	}
	return &gateFile{f, g}, nil
}

func (g *gate) opened(f vfs.File, err error) (vfs.File, error) {
	if err := g.done(err); err != nil {
		return nil, err
	}
	return &gateFile{f, g}, nil
}

func (g *gate) Rename(old, name string) error {
	g.pass()
	return g.done(g.FS.Rename(old, name))
}

func (g *gate) Link(old, name string) error {
	g.pass()
	return g.done(g.FS.Link(old, name))
}

func (g *gate) MkdirAll(name string, mode fs.FileMode) error {
	g.pass()
	return g.done(g.FS.MkdirAll(name, mode))
}

// A file that could not be removed is in nobody's way: Pebble bears that.
func (g *gate) Remove(name string) error {
	g.pass()
	return g.FS.Remove(name)
}

func (g *gate) RemoveAll(name string) error {
	g.pass()
	return g.FS.RemoveAll(name)
}

// Lock locks nothing: the journal has locked the directory, whatever stores it opens
// there.
func (g *gate) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

func (g *gate) Unwrap() vfs.FS { return g.FS }

// gateFile is a file of Pebble's.
type gateFile struct {
	vfs.File
	gate *gate
}

func (f *gateFile) Read(data []byte) (int, error) {
	f.gate.pass()
	return f.File.Read(data)
}

func (f *gateFile) ReadAt(data []byte, at int64) (int, error) {
	f.gate.pass()
	return f.File.ReadAt(data, at)
}

func (f *gateFile) Write(data []byte) (int, error) {
	f.gate.pass()
	n, err := f.File.Write(data)
	return n, f.gate.done(err)
}

func (f *gateFile) WriteAt(data []byte, at int64) (int, error) {
	f.gate.pass()
	n, err := f.File.WriteAt(data, at)
	return n, f.gate.done(err)
}

// Preallocate is there for speed, and not every file system can do it. Whether
// there is room the write itself will say.
func (f *gateFile) Preallocate(at, length int64) error {
	f.gate.pass()
	_ = f.File.Preallocate(at, length)
	return nil
}

func (f *gateFile) Sync() error {
	f.gate.pass()
	return f.gate.done(f.File.Sync())
}

func (f *gateFile) SyncData() error {
	f.gate.pass()
	return f.gate.done(f.File.SyncData())
}

func (f *gateFile) SyncTo(length int64) (whole bool, err error) {
	f.gate.pass()
	whole, err = f.File.SyncTo(length)
	return whole, f.gate.done(err)
}

func (f *gateFile) Close() error { return f.gate.done(f.File.Close()) }
