#!/usr/bin/env python3
"""image-archive.py OUT.tar IMAGE ENTRYPOINT [--libraries] FILE[:PATH][@LINK,LINK...]...

Writes a one-layer container image as a docker-archive that `ctr images import` reads. Each FILE of this machine becomes PATH in the
image (default /usr/local/bin/NAME), with symbolic links to it. After --libraries, the shared libraries that a file needs go in as well.
ENTRYPOINT may be empty: Kubernetes' static pods name their command themselves."""
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile

PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


class Layer:
    def __init__(self):
        self.bytes = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.bytes, mode='w')
        self.names = set()

    def add_folders_of(self, name):
        parts = name.split('/')[:-1]
        for depth in range(1, len(parts) + 1):
            folder = '/'.join(parts[:depth])
            if folder in self.names:
                continue
            self.names.add(folder)
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == 'tmp' else 0o755
            self.tar.addfile(entry)

    def add(self, name, **fields):
        """A file (content=bytes) or a symbolic link (linkname=target); the first of a name wins."""
        name = name.lstrip('/')
        if name in self.names:
            return
        self.add_folders_of(name)
        self.names.add(name)
        entry = tarfile.TarInfo(name)
        entry.mode = 0o755
        if 'linkname' in fields:
            entry.type, entry.linkname = tarfile.SYMTYPE, fields['linkname']
            self.tar.addfile(entry)
        else:
            entry.size = len(fields['content'])
            self.tar.addfile(entry, io.BytesIO(fields['content']))

    def finish(self):
        self.tar.close()
        return self.bytes.getvalue()


def read(path):
    with open(os.path.realpath(path), 'rb') as file:
        return file.read()


def libraries_of(path):
    """A file that is not dynamically linked has none."""
    listed = subprocess.run(['ldd', path], capture_output=True, text=True).stdout
    for line in listed.splitlines():
        words = line.split()
        library = words[2] if '=>' in words else words[0]
        if library.startswith('/'):
            yield library


def main(out, image, entrypoint, *files):
    layer, with_libraries = Layer(), False
    for folder in ('tmp', 'run', 'etc', 'var'):
        layer.add_folders_of(folder + '/x')
    for file in files:
        if file == '--libraries':
            with_libraries = True
            continue
        file, _, links = file.partition('@')
        source, _, path = file.partition(':')
        path = path or '/usr/local/bin/' + os.path.basename(source)
        layer.add(path, content=read(source))
        for link in filter(None, links.split(',')):
            layer.add(link, linkname=path)
        for library in libraries_of(source) if with_libraries else ():
            layer.add(library, content=read(library))
    content = layer.finish()
    digest = hashlib.sha256(content).hexdigest()
    config = json.dumps({
        'architecture': {'x86_64': 'amd64', 'aarch64': 'arm64'}[os.uname().machine],
        'os': 'linux',
        'config': {'Entrypoint': [entrypoint] if entrypoint else None, 'Env': [PATH]},
        'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + digest]},
        'history': [{'created': '2026-01-01T00:00:00Z'}],
    }).encode()
    config_name = hashlib.sha256(config).hexdigest() + '.json'
    manifest = json.dumps([{'Config': config_name, 'RepoTags': [image], 'Layers': [digest + '/layer.tar']}]).encode()
    with tarfile.open(out, 'w') as archive:
        for name, data in ((config_name, config), (digest + '/layer.tar', content), ('manifest.json', manifest)):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


if __name__ == '__main__':
    main(*sys.argv[1:])
