package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
)

// BenchmarkWatched is what it costs a server of either design that the live page is
// open: its processor time for a report with that over that without, as BenchmarkScraped
// has it. The server has 100,000 clients, all of which it shows meanwhile.
//
//	make watched
func BenchmarkWatched(b *testing.B) {
	for _, design := range herd.Designs {
		b.Run("design="+design, func(b *testing.B) {
			dir, config := inDir(b, designs[design])
			p := serve(b, dir, "Farmar")
			farmar, _ := config.Server("Farmar")
			filled(b, farmar, 100000)
			compared(b, p, farmar, "watched", func() (stop func() int) { return looking(b, farmar) })
			p.signal(b, syscall.SIGTERM)
			p.ends(b, 0)
		})
	}
}

// filled has a server know so many clients.
func filled(b *testing.B, s herd.Server, clients int) {
	b.Helper()
	conn, err := net.Dial("tcp", s.Clients)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	go func() {
		var text strings.Builder
		for i := range clients {
			fmt.Fprintf(&text, "IAMAT resting-%d.example %+08.4f%+09.4f %d\n", i, float64(i%170-85), float64(i%350-175), time.Now().Unix())
		}
		_, _ = io.WriteString(conn, text.String()) // the answers tell whether it was taken
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	answered := 0
	for in := bufio.NewScanner(conn); in.Scan() && strings.HasPrefix(in.Text(), "AT "); {
		answered++
	}
	if answered != clients {
		b.Fatalf("%d of %d reports were answered", answered, clients)
	}
}

// looking reads what a page reads of a server, until stop, which returns how many
// records and statuses that were.
func looking(b *testing.B, s herd.Server) (stop func() int) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	var seen atomic.Int64
	ended := make(chan struct{}, 2)
	for path, sign := range map[string]string{"/live": "{", "/records": ",["} {
		go func() {
			defer func() { ended <- struct{}{} }()
			if err := follow(ctx, "http://"+s.HTTP+path, sign, &seen); err != nil && ctx.Err() == nil {
				b.Error(err)
			}
		}()
	}
	return func() int {
		cancel()
		<-ended
		<-ended
		return int(seen.Load())
	}
}

// follow reads an answer to its end, and counts a sign in it.
func follow(ctx context.Context, url, sign string, seen *atomic.Int64) error {
	page, err := opened(ctx, url)
	if err != nil {
		return err
	}
	defer page.Close()
	for in := bufio.NewReader(page); ; {
		line, err := in.ReadString('\n')
		seen.Add(int64(strings.Count(line, sign)))
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
