// Command uitest plays with the live page in a browser without a window, as who looks
// at it would: it starts a demo's herd, says a line, kills a server and starts it again,
// cuts a link and mends it, and checks what the page shows of that. It needs Chromium.
//
//	go run ./herd/monitor/web/internal/uitest -binary bin/herd
//
// With -shots it keeps pictures of the page, which docs/operating.md shows.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() {
	binary := flag.String("binary", "bin/herd", "the program that the page is part of")
	shots := flag.String("shots", "", "the directory for pictures; none are kept without it")
	clients := flag.Int("clients", 100000, "how many clients the page is shown at last")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *binary, *shots, *clients); err != nil {
		fmt.Fprintln(os.Stderr, "uitest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary, shots string, clients int) error {
	chromium, err := find()
	if err != nil {
		return err
	}
	herd, err := startDemo(ctx, binary)
	if err != nil {
		return err
	}
	defer herd.stop()
	b, err := open(ctx, chromium, herd.url)
	if err != nil {
		return err
	}
	defer b.close()
	v := &visit{browser: b, herd: herd, shots: shots, clients: clients}
	if err := v.play(); err != nil {
		return fmt.Errorf("%w\nthe page's console:\n%s\nthe demo's last lines:\n%s", err, b.said(), herd.said())
	}
	fmt.Printf("all %d steps held\n", v.steps)
	return nil
}

// find looks for Chromium under the names that systems give it.
func find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no Chromium here: install the package chromium (make ui-test does, as root, on Debian)")
}
