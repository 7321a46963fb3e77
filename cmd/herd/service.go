package main

import (
	"fmt"
	"io"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/monitor"
	"proxyherd/herd/upstream"
)

// serviceOf turns the settings of the upstream into those of its client, and
// reads the key. The error says which setting is wrong; it never holds the key.
func serviceOf(settings herd.Upstream) (upstream.Config, error) {
	kind, err := upstream.Named(settings.Kind)
	if err == nil {
		kind, err = upstream.InFormat(kind, settings.Format)
	}
	if err != nil {
		return upstream.Config{}, err
	}
	key, err := keyOf(settings)
	if err != nil {
		return upstream.Config{}, err
	}
	if key.IsZero() && kind.Service().NeedsKey {
		return upstream.Config{}, fmt.Errorf("%w: upstream.kind is %q, which answers nobody without a key; "+
			"name the environment variable that holds it in upstream.key_env, or its file in upstream.key_file",
			configfile.ErrKeyMissing, settings.Kind)
	}
	config := upstream.Config{
		Kind: kind, URL: settings.URL, Key: key,
		Timeout:        time.Duration(settings.Timeout),
		AttemptTimeout: time.Duration(settings.AttemptTimeout),
		ConnectTimeout: time.Duration(settings.ConnectTimeout),
		Connections:    settings.Workers,
		Cache:          time.Duration(settings.Cache),
	}
	if err := config.Check(); err != nil {
		return upstream.Config{}, fmt.Errorf("upstream: %w", err)
	}
	return config, nil
}

// keyOf reads the key, if the settings say where it is.
func keyOf(settings herd.Upstream) (upstream.Key, error) {
	text, err := configfile.UpstreamKey(settings)
	if text == "" || err != nil {
		return upstream.Key{}, err
	}
	key, err := upstream.NewKey(text)
	if err != nil {
		where := "upstream.key_env"
		if settings.KeyFile != "" {
			where = "upstream.key_file"
		}
		return upstream.Key{}, fmt.Errorf("%s: %w", where, err)
	}
	return key, nil
}

// tokenOf reads the token of the http port, if the config says where it is.
func tokenOf(config herd.Config) (monitor.Token, error) {
	text, err := configfile.HTTPToken(config)
	if text == "" || err != nil {
		return monitor.Token{}, err
	}
	token, err := monitor.NewToken(text)
	if err != nil {
		return monitor.Token{}, fmt.Errorf("http_token_file: %w", err)
	}
	return token, nil
}

// addressOf is where the upstream is asked.
func addressOf(settings herd.Upstream) string {
	if settings.URL != "" {
		return settings.URL
	}
	// A kind that nobody knows has been refused before.
	if kind, err := upstream.Named(settings.Kind); err == nil {
		return kind.Service().URL
	}
	return ""
}

// readToServe is read for those who run servers, or say whether they could be
// run: whatever their upstream and their sink need must be there. The error is a usageError.
func (s *settings) readToServe(warn io.Writer) (herd.Config, error) {
	config, err := s.read(warn)
	if err != nil {
		return herd.Config{}, err
	}
	err = configfile.AbsoluteKeyFile(s.place(), &config.Upstream)
	if err == nil {
		err = configfile.AbsoluteJournalDir(s.place(), &config.Journal)
	}
	if err == nil {
		err = configfile.AbsoluteBackboneFiles(s.place(), &config.Backbone)
	}
	if err == nil {
		_, err = serviceOf(config.Upstream)
	}
	if err == nil {
		_, err = tokenOf(config)
	}
	if err == nil {
		err = configfile.AbsolutePasswordFile(s.place(), &config.Sink)
	}
	if err == nil {
		err = checkDatabase(config)
	}
	if err != nil {
		return herd.Config{}, usageError{err}
	}
	return config, nil
}
