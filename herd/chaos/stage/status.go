package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"proxyherd/herd"
)

// statusClient gives up on a server that is stopped, or being killed.
var statusClient = http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// Page reads a page of a server's http port, such as "/metrics".
func (s *Stage) Page(ctx context.Context, name, path string) ([]byte, error) {
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Address(name, HTTPPort)+path, nil)
	if err != nil {
		return nil, err
	}
	ask.Header.Set("Authorization", "Bearer "+s.token)
	answer, err := statusClient.Do(ask)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", name, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// Status asks a server how it is.
func (s *Stage) Status(ctx context.Context, name string) (st herd.Status, err error) {
	text, err := s.Page(ctx, name, "/status.json")
	if err != nil {
		return st, err
	}
	return st, json.Unmarshal(text, &st)
}

// Agreement returns the status of all servers if they are well: all run, each link
// is open between the present lives, both of its ends are in sync, and all digests
// are equal. The error says what is missing.
func (s *Stage) Agreement(ctx context.Context) (all map[string]herd.Status, err error) {
	all = make(map[string]herd.Status)
	for _, name := range s.Names() {
		if all[name], err = s.Status(ctx, name); err != nil {
			return nil, fmt.Errorf("%s does not say how it is: %w", name, err)
		}
	}
	first := all[s.Names()[0]]
	for _, name := range s.Names() {
		st := all[name]
		for _, l := range st.Links {
			if !l.Up || l.Boot != all[l.Peer].Boot || l.Sync != herd.InSync || l.Changed > 0 || l.Dumping {
				return nil, fmt.Errorf("%s about its link to %s: up %v, %s, %d changed, boot %s of %s, lost by %v",
					name, l.Peer, l.Up, l.Sync, l.Changed, l.Boot, all[l.Peer].Boot, l.Losses)
			}
		}
		if st.Root != first.Root || st.Records != first.Records {
			return nil, fmt.Errorf("%s holds %d records of digest %s, and %s %d of %s",
				name, st.Records, st.Root, first.Name, first.Records, first.Root)
		}
	}
	return all, nil
}

// Agree waits until the servers are well, within a bound. The error says what was
// missing last.
func (s *Stage) Agree(ctx context.Context, bound time.Duration) (all map[string]herd.Status, err error) {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		now, missing := s.Agreement(ctx)
		if missing == nil {
			return now, nil
		}
		if ctx.Err() == nil {
			err = missing
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("the servers do not agree within %v: %w", bound, err)
		}
	}
}
