package peer_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"proxyherd/bench/peers/peer"
)

// secondServer makes the directory of a log while another server makes it: between the
// moment in which that is seen to be missing and the one in which it is made. Its second
// path is in a directory that cannot be made.
const secondServer = `
import os, sys
from pyherd import logtext

mkdir = os.mkdir

def overtaken(*args):
    mkdir(*args)
    return mkdir(*args)

os.mkdir = overtaken
logtext.make_directory(sys.argv[1])
logtext.make_directory(os.path.basename(sys.argv[1]))  # the directory in which it runs
os.mkdir = mkdir
try:
    logtext.make_directory(sys.argv[2])
except OSError as error:
    print("refused: %s" % error)
`

// TestTwoServersMakeTheLogsDirectory of one herd, as they do where its servers are
// started at one moment.
func TestTwoServersMakeTheLogsDirectory(t *testing.T) {
	for _, name := range []string{"twisted", "asyncio"} {
		t.Run(name, func(t *testing.T) {
			p, _ := peer.Named(name)
			program(t, p)
			dir := t.TempDir()
			file := filepath.Join(dir, "file")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			logs := filepath.Join(dir, "deep", "logs")
			python := exec.Command(p.Version()[0], "-c", secondServer, filepath.Join(logs, "Young.log"), filepath.Join(file, "logs", "Young.log"))
			python.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join(root, "bench", "peers"), "PYTHONDONTWRITEBYTECODE=1")
			out, err := python.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if info, err := os.Stat(logs); err != nil || !info.IsDir() {
				t.Errorf("the directory: %v, %v", info, err)
			}
			if !strings.HasPrefix(string(out), "refused: ") || !strings.Contains(string(out), file) {
				t.Errorf("in the place of a file it is told %q", out)
			}
		})
	}
}
