import Foundations
import Glibc
import Testing

@testable import PluginHost
@testable import Policy

@Suite struct `A sandbox layer that is missing` {
    private func failure(_ error: Int32, _ step: MissingLayer.Step, item: Int32 = 0) -> Int32 {
        error | step.rawValue << 12 | item << 16
    }

    private func cause(_ layer: IsolationLayer, _ failure: Int32, settings: [String: String] = [:]) -> String {
        var diagnosis = IsolationDiagnosis()
        diagnosis.setting = { settings[$0] }
        diagnosis.exists = { settings[$0] != nil }
        var missing = MissingLayer(layer: layer, errno: failure)
        if missing.step == .library { missing.subject = "/opt/vendor/lib/libx.so" }
        return diagnosis.cause(of: missing) ?? ""
    }

    @Test func `is told with its step and its item`() {
        let missing = MissingLayer(layer: .privateRoot, errno: failure(13, .library, item: 7))
        #expect(missing.errno == 13)
        #expect(missing.step == .library)
        #expect(missing.item == 7)
        #expect(MissingLayer(layer: .landlock, errno: 0).reason == "this runner does not offer it")
    }

    @Test func `is named with the setting that blocks it`() {
        let users = "/proc/sys/user/max_user_namespaces"
        let networks = "/proc/sys/user/max_net_namespaces"
        let apparmor = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
        let debian = "/proc/sys/kernel/unprivileged_userns_clone"
        let cases: [(IsolationLayer, Int32, [String: String], String)] = [
            (.namespaces, failure(ENOSPC, .unshare), [users: "0"], "sysctl user.max_user_namespaces="),
            (.namespaces, failure(ENOSPC, .unshare), [users: "9", networks: "0"], "user.max_net_namespaces is 0"),
            (.namespaces, failure(ENOSPC, .unshare), [users: "9"], "limit of namespaces is reached"),
            (.namespaces, failure(EPERM, .unshare), [debian: "0"], "kernel.unprivileged_userns_clone is 0"),
            (.namespaces, failure(EPERM, .unshare), ["/.dockerenv": ""], "container's seccomp filter"),
            (.namespaces, failure(EPERM, .unshare), [:], "a seccomp filter around this process or a chroot"),
            (.namespaces, failure(EPERM, .idMap), [apparmor: "1"], "apparmor_restrict_unprivileged_userns is 1"),
            (.namespaces, failure(ENOENT, .idMap), [:], "/proc is not mounted"),
            (.namespaces, failure(EROFS, .idMap), [:], "/proc is mounted read-only"),
            (.privateRoot, failure(EPERM, .idMap), [apparmor: "1"], "AppArmor profile"),
            (.privateRoot, failure(ENOSYS, .readOnly), [:], "Linux 5.12"),
            (
                .privateRoot, failure(EACCES, .library), [:],
                "may not reach /opt/vendor/lib/libx.so; root starts runners as nobody"
            ),
            (.privateRoot, failure(EACCES, .device, item: 1), [:], "/dev/urandom cannot be used"),
            (.privateRoot, failure(EINVAL, .pivot), [:], "initial RAM disk"),
            (.landlock, ENOSYS, [:], "Linux 5.13"), (.landlock, EOPNOTSUPP, [:], "disabled at boot"),
            (.seccomp, EINVAL, [:], "CONFIG_SECCOMP_FILTER"),
        ]
        for (layer, error, settings, expected) in cases {
            let found = cause(layer, error, settings: settings)
            #expect(found.contains(expected), "\(layer) \(error): \(found)")
        }
    }

    @Test func `may be one that the policy demands`() throws {
        #expect(try IsolationLayer.parse(["namespaces", "private_root"]) == [.namespaces, .privateRoot])
        #expect(PluginHostTests.failure { _ = try IsolationLayer.parse(["namespace"]) }?.detail == "policy.manifest")
    }

    @Test func `of memory that may be executed is no question where the kernel asks for it`() throws {
        let file = try SealedFile.make([1, 2, 3], name: "test")
        // F_GET_SEALS: seal, shrink, grow, write; and exec, where memfd_create knows MFD_NOEXEC_SEAL (Linux 6.3).
        let seals = fcntl(file.number, 1034)
        #expect(seals & 0xF == 0xF)
        if Files.exists("/proc/sys/vm/memfd_noexec") { #expect(seals & 0x20 == 0x20) }
    }
}

extension `Processes` {
    @Suite(
        .serialized,
        .enabled(if: Workshop.realRunner != nil, Workshop.noRunner),
        .enabled(if: Workshop.hasNamespaces, "this machine gives an ordinary user no namespaces"))
    struct `A private root` {
        let workshop: Workshop

        init() throws { workshop = try Workshop() }

        @Test func `is in force when the policy demands it`() throws {
            workshop.settings.isolationMinimum = IsolationLayer.allCases
            let session = try CheckSession(
                try workshop.plugin("good_check"), settings: workshop.settings, permit: permit(.callCheck))
            #expect(session.process.activeLayers == IsolationLayer.allCases)
            #expect(session.process.missingLayers.isEmpty)
        }

        @Test func `holds a library that lies beside the plugin`() throws {
            try workshop.library("extra")
            workshop.settings.isolationMinimum = IsolationLayer.allCases
            let plugin = try workshop.plugin(
                "good_check",
                link: "-Wl,--no-as-needed -Wl,-rpath,'$ORIGIN' -L\(workshop.folder) -lextra")
            // The workshop's folder is its owner's alone, and root starts runners as nobody.
            if geteuid() == 0 {
                let error = failure { _ = try PluginProcess(plugin, settings: workshop.settings) }
                #expect(error?.detail == "plugin.library")
                #expect(error?.message.contains("libextra.so; root starts runners as nobody") == true)
                #expect(workshop.survivors() == [])
            }
            chmod(workshop.folder, 0o755)
            let session = try CheckSession(plugin, settings: workshop.settings, permit: permit(.callCheck))
            try session.begin(schema: maskedSchema, params: [:])
            #expect(try session.finish().rows == 0)
        }

        @Test func `that cannot be had is an error before anything is loaded, when the policy demands it`() throws {
            let deny = workshop.folder + "/deny"
            try run("gcc -O1 -o \(deny) \(Workshop.repository)/Tests/Runner/deny.c -lseccomp")
            let script = workshop.folder + "/denied"
            let text = "#!/bin/sh\nexec \(deny) unshare=1 -- \(workshop.settings.runnerPath) \"$@\"\n"
            try Files.writeAtomically(Array(text.utf8), to: script, mode: 0o755)
            workshop.settings.runnerPath = script
            let plugin = try workshop.plugin("good_check")
            let session = try CheckSession(plugin, settings: workshop.settings, permit: permit(.callCheck))
            #expect(session.process.missingLayers.map(\.layer) == [.namespaces, .privateRoot])
            #expect(session.process.missingLayers.first?.reason.contains("errno 1, Operation not permitted: ") == true)
            session.stop()
            workshop.settings.isolationMinimum = [.privateRoot]
            let error = failure { _ = try PluginProcess(plugin, settings: workshop.settings) }
            #expect(error?.detail == "plugin.isolation")
            #expect(error?.message.contains("private_root is not in force: errno 1") == true, "\(error?.message ?? "")")
            #expect(workshop.survivors() == [])
        }
    }
}
