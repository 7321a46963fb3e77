//go:build linux

package gnetreactor

import "github.com/panjf2000/gnet/v2/pkg/logging"

// SetLogger says where gnet itself logs, for the whole process; without it that
// is standard output. A *logrus.Logger will do. Call it first thing in main.
func SetLogger(log logging.Logger) { logging.SetDefaultLoggerAndFlusher(log, nil) }
