package natsbone

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
)

// natsProcess is a nats-server of the system's, at a port of its own.
type natsProcess struct {
	t       *testing.T
	program string
	port    int
	running *exec.Cmd
}

func startProcess(t *testing.T) *natsProcess {
	t.Helper()
	program, err := exec.LookPath("nats-server")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/nats-server"); err != nil {
			t.Skip("there is no nats-server: make nats-install installs Debian's")
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &natsProcess{t: t, program: program, port: l.Addr().(*net.TCPAddr).Port}
	_ = l.Close() // so that the process can have it
	p.start()
	t.Cleanup(p.kill)
	return p
}

func (p *natsProcess) start() {
	p.t.Helper()
	p.running = exec.Command(p.program, "-a", "127.0.0.1", "-p", fmt.Sprint(p.port))
	p.running.Dir = p.t.TempDir()
	if err := p.running.Start(); err != nil {
		p.t.Fatal(err)
	}
}

// kill is kill -9.
func (p *natsProcess) kill() {
	_ = p.running.Process.Signal(os.Kill) // it may be gone
	_ = p.running.Wait()                  // killed
}

func (p *natsProcess) url() string { return fmt.Sprintf("nats://127.0.0.1:%d", p.port) }

// The nats-server of the system, which may be years older than the library's, carries a
// herd, and is killed.
func TestANATSServerOfItsOwnProcessIsKilled(t *testing.T) {
	p := startProcess(t)
	h := startHerd(t, 6, 4, 2, func(int) string { return p.url() })
	ids, latest := clients(16), map[string]string{}
	h.report(0, ids, latest)
	h.everywhere(ids, latest)
	p.kill()
	p.start()
	until(t, "all are connected again", func() bool {
		for _, m := range h.running {
			if st := m.status().Backbone; st.Opened != 2 || !st.Connected {
				return false
			}
		}
		return true
	})
	h.report(1, ids, latest)
	h.everywhere(ids, latest)
}
