package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const wantsFolder = "/etc/systemd/system/multi-user.target.wants"

func (u *unit) enabled() string {
	if u.masked {
		return "masked"
	}
	if _, err := os.Lstat(filepath.Join(wantsFolder, u.name+".service")); err == nil {
		return "enabled"
	}
	return "disabled"
}

func (u *unit) change(verb string) error {
	link, mask := filepath.Join(wantsFolder, u.name+".service"), "/etc/systemd/system/"+u.name+".service"
	switch verb {
	case "enable", "preset": // Debian's preset is to enable
		if u.masked {
			return fmt.Errorf("unit file %s is masked", u.file)
		}
		if err := os.MkdirAll(wantsFolder, 0o755); err != nil {
			return err
		}
		_ = os.Remove(link)
		return os.Symlink(u.file, link)
	case "disable":
		if err := os.Remove(link); err != nil && !os.IsNotExist(err) {
			return err
		}
	case "mask":
		return os.Symlink(os.DevNull, mask)
	case "unmask":
		if u.masked {
			return os.Remove(mask)
		}
	}
	return nil
}
