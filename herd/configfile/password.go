package configfile

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"proxyherd/herd"
)

// What can be wrong with the password of the sink.
var (
	ErrPasswordMissing = errors.New("the sink's password is not there")
	ErrPasswordOpen    = errors.New("the sink's password can be read by others")
	ErrPasswordForm    = errors.New("the password file must hold one password on one line")
)

// SinkPassword returns the password that s says where to find, and "" if it names
// neither a variable nor a file. White space around it is taken off. The error is
// ErrPasswordMissing, ErrPasswordOpen, ErrPasswordForm or what the file system said;
// it never holds the password.
func SinkPassword(s herd.Sink) (string, error) {
	switch {
	case s.PasswordEnv != "":
		password := strings.TrimSpace(os.Getenv(s.PasswordEnv))
		if password == "" {
			return "", fmt.Errorf("sink.password_env: %w: the environment variable %s is empty or not set; "+
				"put the password there, as by: read -rs %[2]s && export %[2]s", ErrPasswordMissing, s.PasswordEnv)
		}
		return password, nil
	case s.PasswordFile != "":
		return oneLine("sink.password_file", s.PasswordFile, secretLine{ErrPasswordMissing, ErrPasswordOpen, ErrPasswordForm})
	}
	return "", nil
}

// AbsolutePasswordFile makes a path in sink.password_file that is relative to the
// configuration's directory one that every process can open.
func AbsolutePasswordFile(configPath string, s *herd.Sink) error {
	return absolute(configPath, "sink.password_file", &s.PasswordFile)
}
