package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// browser is Chromium with the page open.
type browser struct {
	ctx   context.Context
	close func()

	mu      sync.Mutex
	console []string
}

// The size of the window that is looked at, in pixels of CSS.
const (
	width  = 1440
	height = 1560
)

// open opens the page in a browser of its own.
func open(ctx context.Context, chromium, url string) (*browser, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium))
	if os.Geteuid() == 0 {
		// Chromium's sandbox does not let root in; the page is our own.
		options = append(options, chromedp.NoSandbox)
	}
	allocator, endAllocator := chromedp.NewExecAllocator(ctx, options...)
	tab, endTab := chromedp.NewContext(allocator)
	b := &browser{ctx: tab, close: func() { endTab(); endAllocator() }}
	if err := chromedp.Do(tab, chromedp.EmulateViewport(width, height)); err != nil {
		b.close()
		return nil, fmt.Errorf("starting %s: %w", chromium, err)
	}
	b.listen()
	if err := b.do(chromedp.Navigate(url)); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// listen keeps what the browser and the page's scripts complain of. What the policy has
// refused, such as a script in a client's name, is among it.
func (b *browser) listen() {
	messages := chromedp.Console(b.ctx)
	go func() {
		for message, err := range messages {
			if err != nil {
				return // the browser has ended
			}
			b.mu.Lock()
			b.console = append(b.console, message.String())
			b.mu.Unlock()
		}
	}()
}

func (b *browser) said() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.console, "\n")
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

var errNever = errors.New("it never came about")

// until waits until an expression is true on the page.
func (b *browser) until(expression string) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(patience)))
	if err != nil {
		return fmt.Errorf("%w: %s (%w)", errNever, expression, err)
	}
	return nil
}

// value is an expression's, on the page.
func value[T any](b *browser, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression))
}
