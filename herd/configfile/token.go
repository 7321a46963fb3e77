package configfile

import (
	"errors"

	"proxyherd/herd"
)

// What can be wrong with the token of the http ports.
var (
	ErrTokenMissing = errors.New("the http ports' token is not there")
	ErrTokenOpen    = errors.New("the http ports' token can be read by others")
	ErrTokenForm    = errors.New("the token file must hold one token on one line")
)

// HTTPToken returns the token of the http ports, and "" if cfg names no file of
// one. Whether it can be a token is for whoever asks for it. The error is
// ErrTokenMissing, ErrTokenOpen, ErrTokenForm or what the file system said; it
// never holds the token.
func HTTPToken(cfg herd.Config) (string, error) {
	if cfg.HTTPTokenFile == "" {
		return "", nil
	}
	return oneLine("http_token_file", cfg.HTTPTokenFile, secretLine{ErrTokenMissing, ErrTokenOpen, ErrTokenForm})
}

// AbsoluteTokenFile makes a path in http_token_file that is relative to the
// configuration's directory one that every process can open.
func AbsoluteTokenFile(configPath string, cfg *herd.Config) error {
	return absolute(configPath, "http_token_file", &cfg.HTTPTokenFile)
}
