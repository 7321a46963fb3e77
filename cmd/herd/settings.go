package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/monitor"
)

// usualConfig is the config that is taken where none is named.
const usualConfig = "herd.json"

// errNoValue is a flag that names a setting and gives it nothing.
var errNoValue = errors.New("there is no value")

// settings are the flags by which commands find the herd's config, and what was
// found out while it was read.
type settings struct {
	path   string
	design string
	set    []string // KEY=VALUE each

	overrides []configfile.Override // from the environment and the flags
	warnings  []string
}

func (s *settings) addConfig(c *cobra.Command) {
	c.Flags().StringVar(&s.path, "config", "",
		"`FILE` with the herd's settings (default: "+usualConfig+" here if there is one, else the built-in herd)")
	s.addSet(c)
}

func (s *settings) addSet(c *cobra.Command) {
	c.Flags().StringArrayVar(&s.set, "set", nil,
		"a setting, such as limits.connections=100, over the file's and the environment's; may be repeated (`KEY=VALUE`; see herd help configuration)")
}

func (s *settings) addDesign(c *cobra.Command) {
	c.Flags().StringVar(&s.design, "design", "",
		"how servers are built, instead of what the config says: "+strings.Join(herd.Designs, ", "))
}

// read returns the config, and writes its warnings. The error is a usageError.
func (s *settings) read(warn io.Writer) (herd.Config, error) {
	config, err := s.find(os.Environ())
	if err == nil {
		err = configfile.AbsoluteTokenFile(s.place(), &config)
	}
	if err == nil {
		err = checkPages(config)
	}
	if err != nil {
		return herd.Config{}, usageError{err}
	}
	for _, w := range s.warnings {
		fmt.Fprintf(warn, "herd: warning: %s\n", w)
	}
	if s.design != "" {
		for i := range config.Servers {
			config.Servers[i].Design = s.design
		}
		if _, err := config.Check(); err != nil {
			return herd.Config{}, usageError{fmt.Errorf("--design %s: %w", s.design, err)}
		}
	}
	return config, nil
}

// find puts the config together: the file that was named, else the usual one, else
// the built-in settings; over it what the environment says; over that the flags.
func (s *settings) find(environ []string) (herd.Config, error) {
	environment, unknown := configfile.Environment(environ)
	flags, err := setFlags(s.set)
	if err != nil {
		return herd.Config{}, err
	}
	config, warnings, err := configfile.ReadWith(s.file(), environment, flags)
	if err != nil {
		return herd.Config{}, err
	}
	s.overrides = slices.Concat(environment, flags)
	s.warnings = warnings
	for _, name := range unknown {
		// The key of the upstream is no setting, and may well be called HERD_KEY; nor is
		// the password of the sink.
		if name != config.Upstream.KeyEnv && name != config.Sink.PasswordEnv {
			s.warnings = append(s.warnings, configfile.UnknownVariable(name))
		}
	}
	return config, nil
}

// setFlags reads the values of --set.
func setFlags(texts []string) (list []configfile.Override, err error) {
	for _, text := range texts {
		key, value, found := strings.Cut(text, "=")
		if !found {
			return nil, fmt.Errorf("--set %s: %w: write KEY=VALUE, such as limits.connections=100", text, errNoValue)
		}
		list = append(list, configfile.Override{Key: key, Value: value, From: "--set"})
	}
	return list, nil
}

// file is the config's file; "" if the built-in settings are meant.
func (s *settings) file() string {
	if s.path != "" {
		return s.path
	}
	if _, err := os.Stat(usualConfig); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return usualConfig
}

// checkPages finds http ports that would be refused when their server starts.
func checkPages(config herd.Config) error {
	var errs []error
	for i, s := range config.Servers {
		if s.HTTP == "" {
			continue
		}
		key := "http"
		if s.Listen.HTTP != "" {
			key = "listen.http"
		}
		err := monitor.CheckAddress(s.Bound().HTTP)
		if errors.Is(err, monitor.ErrNotLoopback) && config.HTTPTokenFile != "" {
			continue
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("servers[%d].%s: %w", i, key, err))
		}
	}
	return errors.Join(errs...)
}

// place is where the config is, or would be: the secret lies beside it.
func (s *settings) place() string {
	if s.path != "" {
		return s.path
	}
	return usualConfig
}
