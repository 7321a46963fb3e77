package main

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// crowd is how many quick connections are made: HERD_CROWD, or 1,000.
func crowd(t *testing.T) int {
	t.Helper()
	text, found := os.LookupEnv("HERD_CROWD")
	if !found {
		return 1000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("HERD_CROWD=%s; write a number of connections", text)
	}
	return n
}

func TestRoughHandlingIsSurvived(t *testing.T) {
	dir, config := inDir(t, nil)
	p, pids := up(t, dir, "--standin")
	alive := func(t *testing.T, id string) {
		t.Helper()
		for _, s := range config.Servers {
			report(t, config, s.Name, id+"-"+s.Name)
		}
	}

	t.Run("garbage", func(t *testing.T) {
		random := rand.NewChaCha8([32]byte{1})
		garbage := make([]byte, 1<<20)
		_, _ = random.Read(garbage) // never fails
		conn := dial(t, config, "Gasol")
		go func() {
			_, _ = conn.Write(garbage) // the server may close first
			_ = conn.CloseWrite()
		}()
		answer, err := io.ReadAll(conn)
		if err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Error(err)
		}
		lines := bytes.SplitAfter(answer, []byte("\n"))
		asked := bytes.SplitAfter(garbage, []byte("\n"))
		if len(lines) < 100 {
			t.Errorf("only %d lines were answered", len(lines))
		}
		for i, line := range lines[:len(lines)-1] {
			// A CR before the LF is part of the line's end.
			want := "? " + strings.TrimSuffix(strings.TrimSuffix(string(asked[i]), "\n"), "\r") + "\n"
			if string(line) != want {
				t.Fatalf("line %d: %q, want %q", i, line, want)
			}
		}
		alive(t, "garbage")
	})

	t.Run("a line without an end", func(t *testing.T) {
		conn := dial(t, config, "Hill")
		sent := make(chan error, 1)
		go func() {
			endless := bytes.Repeat([]byte("x"), 64<<10)
			for {
				if _, err := conn.Write(endless); err != nil {
					sent <- err
					return
				}
			}
		}()
		answer := make([]byte, 100)
		n, err := conn.Read(answer)
		if err != nil || !bytes.HasPrefix(answer[:n], []byte("? ")) || bytes.Count(answer[:n], []byte("\n")) != 1 {
			t.Errorf("%q, %v", answer[:n], err)
		}
		if err := <-sent; err == nil {
			t.Error("the server took it all")
		}
		alive(t, "endless")
	})

	t.Run("many quick connections", func(t *testing.T) {
		n := crowd(t)
		var wait sync.WaitGroup
		failed := make(chan error, n)
		next := make(chan int)
		for range 8 {
			wait.Go(func() {
				for i := range next {
					server := config.Servers[i%len(config.Servers)]
					conn, err := net.DialTimeout("tcp", server.Clients, deadline)
					if err != nil {
						failed <- err
						continue
					}
					if i%2 == 0 {
						_, err = io.WriteString(conn, "IAMAT quick-"+strconv.Itoa(i)+" +1+1 1\nIAM")
					}
					if err = errors.Join(err, conn.Close()); err != nil {
						failed <- err
					}
				}
			})
		}
		for i := range n {
			next <- i
		}
		close(next)
		wait.Wait()
		if len(failed) > 0 {
			t.Errorf("%d of %d failed, the first with %v", len(failed), n, <-failed)
		}
		alive(t, "quick")
	})

	for name, pid := range pids {
		if gone(pid) {
			t.Errorf("%s has died", name)
		}
	}
	p.signal(t, syscall.SIGTERM)
	p.ends(t, 0)
	allGone(t, pids)
}

func TestFewFilesAreEnough(t *testing.T) {
	dir, config := inDir(t, nil)
	p := startCommand(t, dir, exec.Command("bash", "-c", `ulimit -n 64 && exec "$0" serve Hill`, binary))
	p.await(t, "ready Hill")
	const most = 64 - reserve
	var served []*net.TCPConn
	refused := 0
	for i := range 3 * most {
		conn := dial(t, config, "Hill")
		// Over the bound a connection is closed unread, so writing may fail.
		_, err := io.WriteString(conn, "IAMAT crowd-"+strconv.Itoa(i)+" +1+1 1\n")
		answer := make([]byte, 100)
		if err == nil {
			_, err = conn.Read(answer)
		}
		switch {
		case err == nil && bytes.HasPrefix(answer, []byte("AT Hill ")):
			served = append(served, conn)
		case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
			refused++
		default:
			t.Fatalf("%q, %v", answer, err)
		}
	}
	if len(served) != most || refused != 2*most {
		t.Errorf("%d were served and %d refused, want %d and %d", len(served), refused, most, 2*most)
	}
	p.await(t, "too many connections")
	for _, conn := range served {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	until(t, "a new client gets in", func() bool {
		conn := dial(t, config, "Hill")
		if err := conn.SetDeadline(time.Now().Add(deadline)); err != nil {
			t.Fatal(err)
		}
		_, err := io.WriteString(conn, "IAMAT late +1+1 1\n")
		answer := make([]byte, 100)
		if err == nil {
			_, err = conn.Read(answer)
		}
		return err == nil && bytes.HasPrefix(answer, []byte("AT Hill "))
	})
	p.signal(t, syscall.SIGTERM)
	p.ends(t, 0)
}
