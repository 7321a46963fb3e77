package factories_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxyherd/factories"
	"proxyherd/reactor"
)

// memoryFile is a file that stays open to its reader.
type memoryFile struct {
	bytes.Buffer
	closed bool
}

func (f *memoryFile) Close() error { f.closed = true; return nil }

// trafficLogging makes a factory whose files are in memory.
func trafficLogging() (*factories.TrafficLoggingFactory, *innerFactory, map[string]*memoryFile) {
	in, files := &innerFactory{}, map[string]*memoryFile{}
	return &factories.TrafficLoggingFactory{
		WrappingFactory: factories.WrappingFactory{WrappedFactory: in},
		Prefix:          "traffic",
		Open: func(name string) (io.WriteCloser, error) {
			files[name] = &memoryFile{}
			return files[name], nil
		},
	}, in, files
}

func TestTrafficLoggingFactory(t *testing.T) { // TL1
	t.Run("everything gets logged", func(t *testing.T) {
		f, in, files := trafficLogging()
		p, transport := connect(t, f)
		if err := p.DataReceived(p, []byte("here are\r\nsome bytes")); err != nil {
			t.Fatal(err)
		}
		in.built[0].Transport.Write([]byte("an answer"))
		in.built[0].Transport.WriteSequence([][]byte{[]byte("in"), []byte("two")})
		in.built[0].Transport.LoseConnection()
		want := []string{"*", `C 1: "here are\r\nsome bytes"`, `S 1: "an answer"`, `SV 1: ["in" "two"]`, "S 1: *",
			"C 1: " + reactor.ErrConnectionDone.Error(), ""}
		same(t, "log", strings.Split(files["traffic-1"].String(), "\n"), want...)
		if transport.Value() != "an answerintwo" || !files["traffic-1"].closed {
			t.Fatalf("wrote %q, closed %v", transport.Value(), files["traffic-1"].closed)
		}
	})
	t.Run("the connection is logged before the protocol inside is told", func(t *testing.T) {
		f, _, files := trafficLogging()
		var logged string
		f.WrappedFactory = factories.ForProtocol(func(reactor.Address) reactor.Protocol {
			return &telling{made: func() { logged = files["traffic-1"].String() }}
		})
		connect(t, f)
		if logged != "*\n" {
			t.Fatalf("logged %q", logged)
		}
	})
	t.Run("a long piece is cut", func(t *testing.T) {
		f, _, files := trafficLogging()
		f.LengthLimit = 20
		p, _ := connect(t, f)
		for _, data := range []string{strings.Repeat("x", 20), strings.Repeat("y", 21)} {
			if err := p.DataReceived(p, []byte(data)); err != nil {
				t.Fatal(err)
			}
		}
		want := "*\n" + `C 1: "` + strings.Repeat("x", 20) + "\"\n" + `C 1: "yyyyyyyy<... elided>"` + "\n"
		if got := files["traffic-1"].String(); got != want {
			t.Fatalf("logged %q, want %q", got, want)
		}
	})
	t.Run("connections are numbered, from one again after a reset", func(t *testing.T) {
		f, _, files := trafficLogging()
		connect(t, f)
		connect(t, f)
		f.ResetCounter()
		connect(t, f)
		if len(files) != 2 || files["traffic-1"] == nil || files["traffic-2"] == nil {
			t.Fatalf("files %v", files)
		}
	})
	t.Run("a file is the connection's own, and its owner's", func(t *testing.T) {
		f, in, _ := trafficLogging()
		f.Open = nil
		f.Prefix = filepath.Join(t.TempDir(), "traffic")
		_, transport := connect(t, f)
		in.built[0].Transport.Write([]byte("x"))
		transport.Protocol.ConnectionLost(errAny)
		logged, err := os.ReadFile(f.Prefix + "-1")
		if err != nil || string(logged) != "*\nS 1: \"x\"\nC 1: the reason\n" {
			t.Fatalf("logged %q, %v", logged, err)
		}
		if info, err := os.Stat(f.Prefix + "-1"); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("mode %v, %v", info.Mode(), err)
		}
	})
	t.Run("without its file a connection is refused", func(t *testing.T) {
		f, _, _ := trafficLogging()
		f.Open = func(string) (io.WriteCloser, error) { return nil, errAny }
		log := &memoryLog{}
		for _, f.Log = range []reactor.Logger{nil, log} {
			if p := f.BuildProtocol(anyAddress); p != nil {
				t.Fatalf("built %v", p)
			}
		}
		if len(log.lines) != 1 || !strings.Contains(log.lines[0], "the reason") {
			t.Fatalf("log %q", log.lines)
		}
	})
}

// telling calls made when the connection is.
type telling struct {
	inner
	made func()
}

func (p *telling) ConnectionMade() { p.made() }

func TestSpewingFactory(t *testing.T) { // SW1
	in, log := &innerFactory{}, &memoryLog{}
	f := &factories.SpewingFactory{WrappingFactory: factories.WrappingFactory{WrappedFactory: in}}
	f.Log = log
	f.DoStart(f)
	log.lines = nil
	p, transport := connect(t, f)
	if err := p.DataReceived(p, []byte("a\n")); err != nil {
		t.Fatal(err)
	}
	in.built[0].Transport.Write([]byte("b"))
	same(t, "log", log.lines, `innerFactory (SpewingFactory): Received: "a\n"`, `innerFactory (SpewingFactory): Sending: "b"`)
	if transport.Value() != "b" || in.events[len(in.events)-1] != "received a\n" {
		t.Fatalf("wrote %q, events %q", transport.Value(), in.events)
	}
}
