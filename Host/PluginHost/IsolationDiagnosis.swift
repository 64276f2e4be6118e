internal import Foundations
internal import Glibc

/// Why a sandbox layer is not in force on this machine: the setting that blocks it, and the remedy.
///
/// It looks at what the kernel shows of its settings; when none of them explains the error, it says what mostly does.
struct IsolationDiagnosis {
    /// A file of /proc or /sys as one trimmed line; nil when it cannot be read.
    var setting: (String) -> String? = { path in
        guard let bytes = Files.head(path, count: 65536) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return String(text.split(separator: "\n", omittingEmptySubsequences: false).first ?? "")
    }
    var exists: (String) -> Bool = Files.exists

    /// A sentence part without an end; nil when nothing better is known than the errno.
    func cause(of missing: MissingLayer) -> String? {
        switch (missing.layer, missing.step) {
        case (.namespaces, .idMap), (.privateRoot, .idMap): identityMap(missing.errno)
        case (.namespaces, _), (.privateRoot, .unshare): namespaces(missing.errno)
        case (.privateRoot, _): privateRoot(missing)
        case (.landlock, _): landlock(missing.errno)
        case (.seccomp, _): seccomp(missing.errno)
        case (.unprivileged, _):
            missing.errno == EPERM ? "capabilities could not be dropped; start sluice as an ordinary user" : nil
        default: nil
        }
    }

    // MARK: Namespaces

    private func namespaces(_ error: Int32) -> String? {
        switch error {
        case ENOSPC, EUSERS:
            for kind in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"] {
                let name = "user.max_\(kind)_namespaces"
                if setting("/proc/sys/user/max_\(kind)_namespaces") == "0" {
                    return "\(name) is 0; allow some with `sysctl \(name)=15000`"
                }
            }
            return "the limit of namespaces is reached, here or in the container's surroundings; raise the "
                + "user.max_*_namespaces"
        case EPERM, EACCES:
            if setting("/proc/sys/kernel/unprivileged_userns_clone") == "0" {
                return "kernel.unprivileged_userns_clone is 0; `sysctl kernel.unprivileged_userns_clone=1` allows them"
            }
            if let restriction = appArmor() { return restriction }
            if isContainer {
                return "the container's seccomp filter forbids unshare; start it with a profile that allows user "
                    + "namespaces (Docker, Podman: --security-opt seccomp=PROFILE)"
            }
            return "a seccomp filter around this process or a chroot forbids unshare"
        case EINVAL: return "this kernel is built without user, PID, network or IPC namespaces"
        case ENOSYS: return "this kernel, or a filter around this process, has no unshare"
        default: return nil
        }
    }

    private func identityMap(_ error: Int32) -> String? {
        switch error {
        case EPERM, EACCES:
            appArmor()
                ?? "the user map of a new user namespace may not be written; a security module or filter forbids it"
        case ENOENT, ENOTDIR: "/proc is not mounted or is masked here; mount it: `mount -t proc proc /proc`"
        case EROFS: "/proc is mounted read-only; the container must leave /proc/self writable"
        default: nil
        }
    }

    private func appArmor() -> String? {
        guard setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" else { return nil }
        return "kernel.apparmor_restrict_unprivileged_userns is 1; give sluice-runner an AppArmor profile with "
            + "`userns,`, or `sysctl kernel.apparmor_restrict_unprivileged_userns=0`"
    }

    private var isContainer: Bool {
        exists("/.dockerenv") || exists("/run/.containerenv")
            || setting("/proc/1/environ")?.contains("container=") == true
    }

    // MARK: The private root

    private func privateRoot(_ missing: MissingLayer) -> String? {
        let subject = missing.subject.map { " \($0)" } ?? ""
        switch (missing.step, missing.errno) {
        case (_, ENOSYS): return "it needs Linux 5.12, or a filter around this process that lets mounts through"
        case (.library, EACCES), (.file, EACCES):
            return "the runner's user may not reach\(subject); root starts runners as nobody, so every folder above it "
                + "must be open to all (a home that is closed or root-squashed is not)"
        case (.library, ENOENT), (.file, ENOENT): return "\(missing.subject ?? "a file") is gone"
        case (.device, _):
            return "\(missing.item == 0 ? "/dev/null" : "/dev/urandom") cannot be used; /dev must have it and not be "
                + "mounted nodev"
        case (.pivot, EINVAL):
            return "the machine's root is an initial RAM disk or no mount point, which cannot be left"
        case (_, EPERM): return "a filter or a security module around this process forbids mounts"
        case (.temporary, ENODEV): return "this kernel has no tmpfs"
        case (.plugin, ENOSPC), (.temporary, ENOMEM): return "the machine has no memory for it"
        default: return nil
        }
    }

    // MARK: The rest

    private func landlock(_ error: Int32) -> String? {
        switch error {
        case ENOSYS:
            return "this kernel has no Landlock (Linux 5.13 with CONFIG_SECURITY_LANDLOCK), or a filter around this "
                + "process hides it"
        case EOPNOTSUPP:
            return "Landlock is disabled at boot; put landlock into the kernel's lsm= list"
        case EPERM: return "a filter around this process forbids Landlock"
        default: return nil
        }
    }

    private func seccomp(_ error: Int32) -> String? {
        switch error {
        case EINVAL, ENOSYS: "this kernel is built without CONFIG_SECCOMP_FILTER, or a filter hides it"
        case EPERM, EACCES: "a filter around this process forbids another one"
        default: nil
        }
    }
}
