package main

import (
	"errors"
	"os"
	"testing"
)

func TestItSaysWhatIsWrong(t *testing.T) {
	if err := run(nil); !errors.Is(err, errUsage) {
		t.Error(err)
	}
	if err := run([]string{"reactor", "--config", "no-such-file.json", "--name", "Gasol"}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
