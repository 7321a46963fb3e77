package upstream

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ErrConfig says that a Config cannot be used; what it is wrapped in names the field and what to do.
var ErrConfig = errors.New("the upstream's settings cannot be used")

// Config is what a Client needs to know. Fields left zero take their default, those without one are required.
type Config struct {
	// Kind is how the upstream is asked. Required.
	Kind Kind

	// URL is the whole address of the search, http or https, such as http://127.0.0.1:12300/search.json. Required.
	URL string

	// Timeout bounds a question whose context has no earlier deadline. At least a millisecond. Default 5 s.
	Timeout time.Duration

	// Connections is how many idle connections are kept open: with as many as there are workers, no question waits
	// for a new connection while the upstream keeps the old ones. At least 1. Default 32.
	Connections int

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
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
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
	address, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: URL does not read as an address; write it like http://127.0.0.1:12300/search.json", ErrConfig)
	case address.Scheme != "http" && address.Scheme != "https":
		return nil, fmt.Errorf("%w: URL must begin with http:// or https://", ErrConfig)
	case address.Hostname() == "":
		return nil, fmt.Errorf("%w: URL names no host; write it like http://127.0.0.1:12300/search.json", ErrConfig)
	case c.Timeout < time.Millisecond:
		return nil, fmt.Errorf("%w: Timeout is %v; it must be at least 1ms", ErrConfig, c.Timeout)
	case c.Connections < 1:
		return nil, fmt.Errorf("%w: Connections is %d; it must be at least 1", ErrConfig, c.Connections)
	case c.IdleTimeout < time.Second:
		return nil, fmt.Errorf("%w: IdleTimeout is %v; it must be at least 1s", ErrConfig, c.IdleTimeout)
	case c.MaxAnswer < 1024:
		return nil, fmt.Errorf("%w: MaxAnswer is %d; it must be at least 1024 bytes", ErrConfig, c.MaxAnswer)
	case strings.ContainsFunc(c.UserAgent, func(r rune) bool { return r < ' ' || r > '~' }):
		return nil, fmt.Errorf("%w: UserAgent %q must be printable ASCII", ErrConfig, c.UserAgent)
	}
	return address, nil
}

// transport makes the pool of connections.
func (c Config) transport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment, // never for a loopback address
		MaxIdleConns:        c.Connections,
		MaxIdleConnsPerHost: c.Connections,
		IdleConnTimeout:     c.IdleTimeout,
		// The answer's head is bounded like its body; a search's is far below a kilobyte.
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
	}
}
