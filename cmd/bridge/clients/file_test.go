package clients_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/cmd/bridge/clients"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWriteKeepsModeAndLinks(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real.json"), filepath.Join(dir, "link.json")
	write(t, target, "old", 0o640)
	if err := os.Symlink("real.json", link); err != nil {
		t.Skip("links can't be made here")
	}
	f, err := clients.Read(link, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	backup, err := f.Write([]byte("new"), noon)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is no link any more: %v, %v", info, err)
	}
	if read(t, target) != "new" || read(t, backup) != "old" || filepath.Base(backup) != "link.json.bridge-backup-20261123T120000Z" {
		t.Errorf("file %q, backup %s %q", read(t, target), backup, read(t, backup))
	}
	for _, name := range []string{target, backup} {
		if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
			t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
		}
	}
	second, err := f.Write([]byte("newer"), noon)
	if err != nil || !strings.HasSuffix(second, "Z-2") {
		t.Errorf("a second backup in the same second: %s, %v", second, err)
	}
	if texts := f.Backups(); len(texts) != 2 || string(texts[0]) != "new" || string(texts[1]) != "old" {
		t.Errorf("backups, newest first: %q", texts)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".bridge-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWriteMakesFoldersAndNoBackupOfNothing(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a", "b", "mcp.json")
	f, err := clients.Read(name, 0o600)
	if err != nil || f.Exists {
		t.Fatal(f, err)
	}
	backup, err := f.Write([]byte("x"), noon)
	if err != nil || backup != "" || read(t, name) != "x" {
		t.Errorf("backup %q, %v", backup, err)
	}
	if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if backup, err = f.Delete(noon); err != nil || read(t, backup) != "x" {
		t.Errorf("deleting: %q, %v", backup, err)
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}

func TestWriteRefusesAFileThatOthersChanged(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mcp.json")
	write(t, name, "old", 0o600)
	f, err := clients.Read(name, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, "theirs", 0o600)
	if _, err := f.Write([]byte("ours"), noon); fault.KindOf(err) != fault.Conflict || read(t, name) != "theirs" {
		t.Errorf("%v, the file has %q", err, read(t, name))
	}
	if f.Backups() != nil {
		t.Error("there is a backup of what was not written")
	}
}

func TestReadRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Skip("links can't be made here")
	}
	for _, name := range []string{dir, loop} {
		if _, err := clients.Read(name, 0o600); fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
}
