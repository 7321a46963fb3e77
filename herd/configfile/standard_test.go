package configfile

import (
	"bytes"
	"encoding/json"
	"io"

	"proxyherd/herd"
)

// standard reads settings with the standard library, as an oracle.
func standard(data []byte) (cfg herd.Config, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&cfg) != nil {
		return cfg, false
	}
	_, err := decoder.Token()
	return cfg, err == io.EOF
}

// normal makes settings comparable: an empty list is a nil one.
func normal(cfg herd.Config) string {
	for i := range cfg.Servers {
		if len(cfg.Servers[i].TalksTo) == 0 {
			cfg.Servers[i].TalksTo = nil
		}
		if len(cfg.Servers[i].Shards) == 0 {
			cfg.Servers[i].Shards = nil
		}
	}
	if len(cfg.Servers) == 0 {
		cfg.Servers = nil
	}
	if len(cfg.Sink.Servers) == 0 {
		cfg.Sink.Servers = nil
	}
	text, err := json.Marshal(cfg)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
