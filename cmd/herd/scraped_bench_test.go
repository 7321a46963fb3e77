package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"proxyherd/herd"
)

// BenchmarkScraped is what it costs a server that its /metrics are read every
// second: its processor time for a report with that over that without. An operation
// is three loads of a second or two: "plain", "scraped" and, plain again, "null",
// each the first as often. What is between null's quartiles is no difference.
//
//	make scraped
func BenchmarkScraped(b *testing.B) {
	dir, config := inDir(b, nil)
	p := serve(b, dir, "Farmar")
	farmar, _ := config.Server("Farmar")
	compared(b, p, farmar, "scraped", func() (stop func() int) { return scraping(b, farmar) })
	p.signal(b, syscall.SIGTERM)
	p.ends(b, 0)
}

// compared measures a server under load with and without somebody who looks at it: what
// it has seen is counted, as a look at nothing would cost nothing.
func compared(b *testing.B, p *process, s herd.Server, name string, look func() (stop func() int)) {
	b.Helper()
	loaded(b, s) // the store and the log have their size from here on
	var each, looked, null []float64
	for round := 0; b.Loop(); round++ {
		var spent [3]float64 // per report
		for i := range spent {
			which := (round + i) % len(spent)
			stop := func() int { return 0 }
			if which == 1 {
				stop = look()
			}
			before := spentBy(b, p)
			reports := loaded(b, s)
			spent[which] = float64(spentBy(b, p)-before) / float64(reports)
			if n := stop(); which == 1 && n == 0 {
				b.Fatal("nobody has seen anything")
			}
		}
		each = append(each, spent[0])
		looked = append(looked, spent[1]/spent[0])
		null = append(null, spent[2]/spent[0])
	}
	b.ReportMetric(quantile(each, 0.5), "ns/report")
	b.ReportMetric(quantile(looked, 0.5), name)
	b.ReportMetric(quantile(null, 0.25), "null-q1")
	b.ReportMetric(quantile(null, 0.5), "null")
	b.ReportMetric(quantile(null, 0.75), "null-q3")
}

// loaded has four clients report for a good second, and returns how many reports
// were answered.
func loaded(b *testing.B, s herd.Server) int {
	b.Helper()
	const clients, batch, long = 4, 500, 1200 * time.Millisecond
	var talks sync.WaitGroup
	var answered [clients]int
	until := time.Now().Add(long)
	for i := range clients {
		talks.Go(func() {
			var err error
			if answered[i], err = reportUntil(until, s.Clients, i, batch); err != nil {
				b.Error(err)
			}
		})
	}
	talks.Wait()
	sum := 0
	for _, n := range answered {
		sum += n
	}
	if b.Failed() || sum == 0 {
		b.FailNow()
	}
	return sum
}

// reportUntil sends a batch once the one before is answered.
func reportUntil(until time.Time, address string, client, batch int) (answered int, err error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for time.Now().Before(until) {
		now := float64(time.Now().UnixMicro()) / 1e6
		var text strings.Builder
		for i := range batch {
			fmt.Fprintf(&text, "IAMAT client-%d-%d +34.068930-118.445127 %.6f\n", client, i, now)
		}
		if _, err := io.WriteString(conn, text.String()); err != nil {
			return answered, err
		}
		for range batch {
			if line, err := answers.ReadString('\n'); err != nil || !strings.HasPrefix(line, "AT ") {
				return answered, fmt.Errorf("answered %q: %w", line, err)
			}
			answered++
		}
	}
	return answered, nil
}

// scraping reads the metrics at once and then every second, until stop, which
// returns how often that was.
func scraping(b *testing.B, s herd.Server) (stop func() int) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	times := make(chan int, 1)
	go func() {
		n := 0
		for each := time.NewTicker(time.Second); ctx.Err() == nil; n++ {
			if err := scrape(ctx, s); err != nil && ctx.Err() == nil {
				b.Error(err)
				break
			}
			select {
			case <-each.C:
			case <-ctx.Done():
				each.Stop()
			}
		}
		times <- n
	}()
	return func() int {
		cancel()
		return <-times
	}
}

func scrape(ctx context.Context, s herd.Server) error {
	page, err := opened(ctx, "http://"+s.HTTP+"/metrics")
	if err != nil {
		return err
	}
	defer page.Close()
	_, err = io.Copy(io.Discard, page)
	return err
}

// opened is a page that is there, to be read and closed.
func opened(ctx context.Context, url string) (page io.ReadCloser, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("%s: %s", url, answer.Status), answer.Body.Close())
	}
	return answer.Body, nil
}

// spentBy is the processor time of a process so far (clock_getcpuclockid(3)).
func spentBy(b *testing.B, p *process) time.Duration {
	b.Helper()
	const ofProcess = 2
	var spent unix.Timespec
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|ofProcess), &spent); err != nil {
		b.Fatal(err)
	}
	return time.Duration(spent.Nano())
}

func quantile(list []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}
