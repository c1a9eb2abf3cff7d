#!/usr/bin/env python3
"""node-image.py ROOT PACKAGES.txt

Fills ROOT with the files of these Debian packages and of all that they depend on, as they are installed on this machine, and with a package
database that knows only them. So a node is a plain Debian system in which nothing else of this machine shows, and no network is needed."""
import os
import shutil
import sys

STATUS, INFO = '/var/lib/dpkg/status', '/var/lib/dpkg/info'
LEFT_OUT = ('/usr/share/doc/', '/usr/share/man/', '/usr/share/locale/', '/usr/share/info/', '/usr/share/lintian/')


def installed():
    """name -> the paragraph of the package database, for installed packages; and virtual name -> a package that provides it."""
    packages, provided = {}, {}
    with open(STATUS, encoding='utf-8') as file:
        for paragraph in file.read().strip().split('\n\n'):
            fields = {}
            for line in paragraph.split('\n'):
                if not line.startswith(' '):
                    key, _, value = line.partition(':')
                    fields[key] = value.strip()
            if fields.get('Status', '').endswith(' installed'):
                packages[fields['Package']] = (fields, paragraph)
                for virtual in names(fields.get('Provides', '')):
                    provided.setdefault(virtual, fields['Package'])
    return packages, provided


def names(relations):
    """'a (>= 1) | b, c:any' -> ['a', 'b', 'c']"""
    for alternative in relations.replace('|', ',').split(','):
        if alternative.strip():
            yield alternative.split()[0].split(':')[0]


def closure(wanted, packages, provided):
    found, queue = set(), list(wanted)
    while queue:
        name = queue.pop()
        if name in found:
            continue
        found.add(name)
        fields = packages[name][0]
        for clause in (fields.get('Pre-Depends', '') + ',' + fields.get('Depends', '')).split(','):
            choices = [provided.get(n, n) if n not in packages else n for n in names(clause)]
            queue += [n for n in choices if n in packages][:1]
    return found


def files_of(name, fields):
    for listing in (f'{INFO}/{name}:{fields["Architecture"]}.list', f'{INFO}/{name}.list'):
        if os.path.exists(listing):
            with open(listing, encoding='utf-8') as file:
                return file.read().splitlines()
    return []


def diverted():
    """Path in a package -> path on disk, where dpkg-divert moved it (usrmerge and dash do)."""
    with open('/var/lib/dpkg/diversions', encoding='utf-8') as file:
        lines = file.read().splitlines()
    return {lines[i]: (lines[i + 1], lines[i + 2]) for i in range(0, len(lines), 3)}


def copy(path, root):
    """One path of this machine to the same path below root. Folders of merged /usr (/bin -> usr/bin) are links there already."""
    target = os.path.join(os.path.realpath(root + os.path.dirname(path)), os.path.basename(path))
    if not os.path.lexists(path) or path == '/.':
        return
    if os.path.isdir(path) and not os.path.islink(path):
        if not os.path.isdir(root + path):
            os.makedirs(target)
        shutil.copystat(path, root + path)
    elif os.path.lexists(target):
        return
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(path, target, follow_symlinks=False)
    state = os.lstat(path)
    os.lchown(target, state.st_uid, state.st_gid)


def write_database(root, chosen, packages):
    database = root + '/var/lib/dpkg'
    for folder in ('info', 'updates', 'triggers', 'alternatives', 'parts'):
        os.makedirs(f'{database}/{folder}', exist_ok=True)
    with open(database + '/status', 'w', encoding='utf-8') as file:
        file.write(''.join(packages[name][1] + '\n\n' for name in sorted(chosen)))
    shutil.copy2(INFO + '/format', database + '/info/format')
    for entry in os.listdir(INFO):
        if entry.rsplit('.', 1)[0].split(':')[0] in chosen:
            shutil.copy2(f'{INFO}/{entry}', f'{database}/info/{entry}')


def copy_alternatives(root):
    """/etc/alternatives/iptables and the like, where what they point to is in the image."""
    for name in os.listdir('/etc/alternatives'):
        link = '/etc/alternatives/' + name
        if os.path.islink(link) and os.path.exists(root + os.readlink(link)):
            copy(link, root)
            record = '/var/lib/dpkg/alternatives/' + name
            if not os.path.exists(record):
                continue
            copy(record, root)
            with open(record, encoding='utf-8') as file:
                lines = file.read().split('\n\n')[0].splitlines()
            for place in [lines[1]] + lines[3::2]:  # the master link, then each slave's
                if os.path.islink(place) and os.path.exists(root + os.readlink(place)):
                    copy(place, root)


def main(root, list_file):
    with open(list_file, encoding='utf-8') as file:
        wanted = [word for line in file if not line.startswith('#') for word in line.split()]
    packages, provided = installed()
    missing = [name for name in wanted if name not in packages]
    if missing:
        sys.exit(f'The lab\'s nodes consist of Debian packages of this machine; not installed are: {" ".join(missing)}. '
                 f'Run: apt-get install --no-install-recommends {" ".join(missing)}')
    os.makedirs(root + '/usr')
    for folder in ('bin', 'sbin', 'lib', 'lib64'):
        os.makedirs(f'{root}/usr/{folder}')
        os.symlink(f'usr/{folder}', f'{root}/{folder}')
    chosen, moved = closure(wanted, packages, provided), diverted()
    for name in sorted(chosen):
        for path in files_of(name, packages[name][0]):
            if path in moved and moved[path][1] != name:
                path = moved[path][0]
            if not path.startswith(LEFT_OUT):
                copy(path, root)
    copy_alternatives(root)
    write_database(root, chosen, packages)


if __name__ == '__main__':
    main(*sys.argv[1:])
