package journal

import (
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"proxyherd/herd"
)

// together is how many lines are in a batch at the most.
const together = 50

// kept is a journal as a killed server has left it, and what it was given.
func kept(t *testing.T) (fs *vfs.MemFS, m *model) {
	t.Helper()
	fs, m = vfs.NewMem(), newModel(100)
	random := rand.New(rand.NewPCG(3, 4))
	// Two lives, so that there are tables and logs of both.
	for range 2 {
		j := open(t, fs, herd.FsyncAlways, hurried)
		moved := watch(j)
		for range 60 {
			for range together {
				m.put(j, random)
			}
			safe(t, j, moved)
		}
		copied := vfs.NewMem()
		if _, err := vfs.Clone(fs, copied, "journals", "journals"); err != nil {
			t.Fatal(err)
		}
		closeIt(t, j)
		fs = copied
	}
	return fs, m
}

// after is what there was after the first n lines.
func (m *model) after(n int) map[string]string {
	then := make(map[string]string)
	for client, lines := range m.lines {
		for _, p := range lines {
			if p.n <= n {
				then[client] = p.line
			}
		}
	}
	return then
}

// moment is after how many lines there was what there is; -1: never.
func (m *model) moment(got map[string]string) (last int) {
	for client, lines := range m.lines {
		for _, p := range lines {
			if p.line == got[client] {
				last = max(last, p.n)
			}
		}
	}
	if !maps.Equal(got, m.after(last)) {
		return -1
	}
	return last
}

// look opens a copy of a journal that change has changed a file of. The error is
// that of whichever step has found it.
func look(t *testing.T, fs *vfs.MemFS, path string, change func(data []byte) []byte) (got map[string]string, err error) {
	t.Helper()
	copied := vfs.NewMem()
	if _, err := vfs.Clone(fs, copied, "journals", "journals"); err != nil {
		t.Fatal(err)
	}
	f, err := copied.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	f, err = copied.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(change(data))
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	j, err := Open(Options{Dir: "journals", Name: "Hill", Fsync: herd.FsyncAlways, fs: copied, times: hurried})
	if err != nil {
		return nil, err
	}
	got = make(map[string]string)
	err = j.Load(func(line []byte) error {
		got[string(clientOf(line))] = string(line) + "\n"
		return nil
	})
	if err != nil {
		_ = j.Close() // which may tell of the same damage, if the writer has heard of it
		return got, err
	}
	closeIt(t, j)
	return got, nil
}

// filesOf are those of a journal that have anything in them.
func filesOf(t *testing.T, fs *vfs.MemFS) (paths []string, sizes []int64) {
	t.Helper()
	names, err := fs.List("journals/Hill")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		path := "journals/Hill/" + name
		info, err := fs.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > 0 {
			paths, sizes = append(paths, path), append(sizes, info.Size())
		}
	}
	return paths, sizes
}

// A flipped bit is found, or takes no more than the last batch, as a torn end
// would: there is never a record that was not one, nor are older ones shown.
func TestAFlippedBitIsFound(t *testing.T) {
	fs, m := kept(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	paths, sizes := filesOf(t, fs)
	flips := forms(24, 1000)
	found, harmless, torn := 0, 0, 0
	for range flips {
		i := random.IntN(len(paths))
		at := random.Int64N(sizes[i])
		got, err := look(t, fs, paths[i], func(data []byte) []byte {
			data[at] ^= 1 << random.IntN(8)
			return data
		})
		switch {
		case err != nil:
			found++
			if !strings.Contains(err.Error(), "move the directory away") {
				t.Errorf("%s at %d: nobody is told what to do: %v", paths[i], at, err)
			}
		case m.moment(got) == m.n:
			harmless++
		case m.moment(got) >= m.n-together:
			torn++
		default:
			t.Errorf("%s at %d of %d: it has %d records, and says nothing", paths[i], at, sizes[i], len(got))
		}
	}
	t.Logf("%d found, %d in nothing that counts, %d in the last batch; files: %q", found, harmless, torn, paths)
	if found < flips/4 || harmless < flips/12 {
		t.Errorf("only %d flips of %d were found", found, flips)
	}
}

// A log that ends somewhere has what there was after one of its batches.
func TestATornEndIsAnEarlierMoment(t *testing.T) {
	fs, m := kept(t)
	// As after a lost power supply: what was never synced is gone.
	if err := fs.Remove("journals/Hill/end"); err != nil {
		t.Fatal(err)
	}
	paths, sizes := filesOf(t, fs)
	torn := 0
	for i, path := range paths {
		if !strings.HasSuffix(path, ".log") {
			continue
		}
		for at := int64(0); at < sizes[i]; at += sizes[i] / forms[int64](12, 200) {
			got, err := look(t, fs, path, func(data []byte) []byte { return data[:at] })
			if err != nil {
				continue // it was not the last log, and is missed
			}
			if m.moment(got) < 0 {
				t.Errorf("%s cut at %d: its %d records are of no moment", path, at, len(got))
			}
			torn++
		}
	}
	if torn < 10 {
		t.Errorf("only %d ends were looked at", torn)
	}
}
