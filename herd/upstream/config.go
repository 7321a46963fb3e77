package upstream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// ErrConfig says that a Config cannot be used; what it is wrapped in names the field and what to do.
var ErrConfig = errors.New("the upstream's settings cannot be used")

// Config is what a Client needs to know. Fields left zero take their default, those without one are required.
type Config struct {
	// Kind is how the upstream is asked. Required.
	Kind Kind

	// URL is the whole address of the search, http or https, such as http://127.0.0.1:12300/search.json. Default: the
	// kind's own.
	URL string

	// Key is sent with every request, as the kind has it. Required for the kinds whose Service says so.
	Key Key

	// Timeout bounds a question whose context has no earlier deadline. At least a millisecond. Default 5 s.
	Timeout time.Duration

	// AttemptTimeout bounds one attempt, from looking up the host's name to the last byte of the answer. There is a
	// second one if the first fails by the service's fault. At least a millisecond. Default: three fifths of Timeout.
	AttemptTimeout time.Duration

	// ConnectTimeout bounds the making of a connection within an attempt: name, TCP and, once more as long, TLS. At
	// least a millisecond. Default 2 s.
	ConnectTimeout time.Duration

	// Connections is how many questions are asked at once, equal ones together; the others wait for their turn, within
	// their time. As many idle connections are kept. At least 1. Default 32.
	Connections int

	// Cache is how long an answer, not an error, is kept for equal questions. 0, or at least a second; 0 only for the
	// kinds whose Service says NoStore. Default 0: no answer is kept.
	Cache time.Duration

	// IdleTimeout is how long an idle connection is kept. At least a second. Default 90 s.
	IdleTimeout time.Duration

	// MaxAnswer is the longest answer taken, in bytes after decompression. At least 1,024. Default 8 MiB.
	MaxAnswer int64

	// UserAgent tells the upstream who asks; Twitter asked for one that is unique to the program. Printable ASCII.
	// Default "proxyherd/1 (application server herd)".
	UserAgent string
}

// withDefaults fills in what was left zero.
func (c Config) withDefaults() Config {
	if c.Kind != nil && c.URL == "" {
		c.URL = c.Kind.Service().URL
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	if c.AttemptTimeout == 0 {
		c.AttemptTimeout = max(c.Timeout/5*3, time.Millisecond)
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 2 * time.Second
	}
	if c.Connections == 0 {
		c.Connections = 32
	}
	if c.IdleTimeout == 0 {
		c.IdleTimeout = 90 * time.Second
	}
	if c.MaxAnswer == 0 {
		c.MaxAnswer = 8 << 20
	}
	if c.UserAgent == "" {
		c.UserAgent = "proxyherd/1 (application server herd)"
	}
	return c
}

// Check tells what is wrong with a configuration, as ErrConfig. The address is not repeated in the message: it may hold
// a key.
func (c Config) Check() error {
	_, err := c.withDefaults().check()
	return err
}

// check is Check on a configuration with its defaults; it returns the address, parsed.
func (c Config) check() (*url.URL, error) {
	if c.Kind == nil {
		return nil, fmt.Errorf("%w: Kind is missing; Named finds one by its name", ErrConfig)
	}
	address, err := c.parseURL()
	if err != nil {
		return nil, err
	}
	if c.Kind.Service().NeedsKey && c.Key.IsZero() {
		return nil, fmt.Errorf("%w: Key is missing; %s answers nobody without one", ErrConfig, c.Kind.Name())
	}
	for _, field := range []struct {
		name         string
		value, least time.Duration
	}{
		{"Timeout", c.Timeout, time.Millisecond}, {"AttemptTimeout", c.AttemptTimeout, time.Millisecond},
		{"ConnectTimeout", c.ConnectTimeout, time.Millisecond}, {"IdleTimeout", c.IdleTimeout, time.Second},
	} {
		if field.value < field.least {
			return nil, fmt.Errorf("%w: %s is %v; it must be at least %v", ErrConfig, field.name, field.value, field.least)
		}
	}
	switch {
	case c.Cache != 0 && c.Cache < time.Second:
		return nil, fmt.Errorf("%w: Cache is %v; it must be at least 1s, or 0 for none", ErrConfig, c.Cache)
	case c.Cache != 0 && c.Kind.Service().NoStore:
		return nil, fmt.Errorf("%w: Cache must be 0 for %s, whose terms forbid storing", ErrConfig, c.Kind.Name())
	case c.Connections < 1:
		return nil, fmt.Errorf("%w: Connections is %d; it must be at least 1", ErrConfig, c.Connections)
	case c.MaxAnswer < 1024:
		return nil, fmt.Errorf("%w: MaxAnswer is %d; it must be at least 1024 bytes", ErrConfig, c.MaxAnswer)
	case strings.ContainsFunc(c.UserAgent, func(r rune) bool { return r < ' ' || r > '~' }):
		return nil, fmt.Errorf("%w: UserAgent %q must be printable ASCII", ErrConfig, c.UserAgent)
	}
	return address, nil
}

func (c Config) parseURL() (*url.URL, error) {
	address, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: URL does not read as an address; write it like http://127.0.0.1:12300/search.json", ErrConfig)
	case address.Scheme != "http" && address.Scheme != "https":
		return nil, fmt.Errorf("%w: URL must begin with http:// or https://", ErrConfig)
	case address.Hostname() == "":
		return nil, fmt.Errorf("%w: URL names no host; write it like http://127.0.0.1:12300/search.json", ErrConfig)
	}
	return address, nil
}

// transport makes the pool of connections, and counts those that come about.
func (c Config) transport(opened *atomic.Int64) *http.Transport {
	dialer := net.Dialer{Timeout: c.ConnectTimeout}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, // never for a loopback address
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			opened.Add(1)
			return yielding{conn}, nil
		},
		TLSHandshakeTimeout: c.ConnectTimeout,
		MaxIdleConns:        c.Connections,
		MaxIdleConnsPerHost: c.Connections,
		IdleConnTimeout:     c.IdleTimeout,
		// The answer's head is bounded like its body; a search's is far below a kilobyte.
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
		// All questions share one connection of HTTP/2: one that died without a word must not fail them for long.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second},
	}
}
