// What the checks judge, on hosts made up here.

#include "doctor/checks.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace suture {
namespace {

using enum FindingState;
namespace fs = std::filesystem;

const Finding& by_id(const std::vector<Finding>& findings, const std::string& id) {
  static const Finding kNone{"none", Fail, "no such finding", "", ""};
  for (const Finding& finding : findings)
    if (finding.id == id) return finding;
  ADD_FAILURE() << "no finding " << id;
  return kNone;
}

/// A directory of the test's own, gone after it.
class Scratch : public testing::Test {
 protected:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "suture-doctor-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
  }
  ~Scratch() override { fs::remove_all(dir_); }
  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name, std::ios::binary) << text;
    return (dir_ / name).string();
  }
  fs::path dir_;
};

TEST(DoctorKernel, VersionsAreComparedAsNumbers) {
  const std::pair<const char*, FindingState> kCases[] = {
      {"5.19.0-28-amd64", Warn}, {"6.0.9", Warn}, {"6.1.0-50-cloud-amd64", Pass}, {"10.0", Pass},
      {"5.10.16", Fail},         {"odd", Fail},   {"7", Pass},      {"", Fail}};
  for (const auto& [release, state] : kCases) EXPECT_EQ(check_kernel_version(release).state, state) << release;
}

class DoctorBtf : public Scratch {};
TEST_F(DoctorBtf, NeedsAFileThatBeginsAsBtf) {
  EXPECT_EQ(check_btf(file("good", "\x9f\xeb\x01")).state, Pass);
  EXPECT_EQ(check_btf(file("bad", "ELF?")).state, Fail);
  const Finding missing = check_btf((dir_ / "none").string());
  EXPECT_EQ(missing.state, Fail);
  EXPECT_NE(missing.found.find("No such file"), std::string::npos) << missing.found;
}

class DoctorPolicies : public Scratch {};
TEST_F(DoctorPolicies, OnlyConfidentialityIsAWarning) {
  const auto state = [this](const std::string& text) {
    return by_id(check_policies(dir_.string(), file("lockdown", text)), "kernel.lockdown").state;
  };
  EXPECT_EQ(state("[none] integrity confidentiality\n"), Pass);
  EXPECT_EQ(state("none [integrity] confidentiality\n"), Pass);
  EXPECT_EQ(state("none integrity [confidentiality]\n"), Warn);
  EXPECT_EQ(state("]odd[\n"), Pass);
}
TEST_F(DoctorPolicies, SettingsThatTheKernelLacksAreSaidSo) {
  const auto findings = check_policies((dir_ / "none").string(), (dir_ / "none").string());
  ASSERT_EQ(findings.size(), 3u);
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.state, Pass) << finding.id;
    EXPECT_NE(finding.found.find("no such setting"), std::string::npos) << finding.id;
  }
}

std::vector<Finding> capabilities(std::set<Capability> held, const char* release = "6.1") {
  return check_capabilities([held](Capability c) { return held.contains(c); }, release);
}

TEST(DoctorCapabilities, EachIsJudgedByTheFeatureThatIsLost) {
  const auto none = capabilities({});
  EXPECT_EQ(by_id(none, "capability.CAP_BPF").state, Fail);
  EXPECT_EQ(by_id(none, "capability.CAP_PERFMON").state, Fail);
  EXPECT_EQ(by_id(none, "capability.CAP_SYS_PTRACE").state, Warn);
  EXPECT_EQ(by_id(none, "capability.CAP_DAC_READ_SEARCH").state, Warn);
  EXPECT_NE(by_id(none, "capability.CAP_BPF").mend.find("CAP_BPF"), std::string::npos);
}
TEST(DoctorCapabilities, SysAdminCoversBpfAndPerfmonOnly) {
  const auto findings = capabilities({Capability::SysAdmin});
  EXPECT_EQ(by_id(findings, "capability.CAP_BPF").state, Pass);
  EXPECT_EQ(by_id(findings, "capability.CAP_PERFMON").state, Pass);
  EXPECT_EQ(by_id(findings, "capability.CAP_SYS_PTRACE").state, Warn);
}
TEST(DoctorCapabilities, SysResourceMattersBeforeLinux511Only) {
  EXPECT_EQ(by_id(capabilities({}, "5.11.0"), "capability.CAP_SYS_RESOURCE").state, Skip);
  EXPECT_EQ(by_id(capabilities({}, "5.10.9"), "capability.CAP_SYS_RESOURCE").state, Warn);
  EXPECT_EQ(by_id(capabilities({Capability::SysResource}, "5.10.9"), "capability.CAP_SYS_RESOURCE").state, Pass);
}

class DoctorNamespaces : public Scratch {
 protected:
  std::vector<Finding> check(const char* user, const char* pid, const char* first_pid) {
    fs::remove_all(dir_);
    fs::create_directories(dir_ / "1/ns");
    fs::create_symlink(user, dir_ / "user");
    fs::create_symlink(pid, dir_ / "pid");
    if (first_pid) fs::create_symlink(first_pid, dir_ / "1/ns/pid");
    return check_namespaces(dir_.string(), dir_.string());
  }
};
TEST_F(DoctorNamespaces, OnlyTheHostsOwnWillDo) {
  const auto host = check("user:[4026531837]", "pid:[4026531836]", nullptr);
  EXPECT_EQ(by_id(host, "namespace.user").state, Pass);
  EXPECT_EQ(by_id(host, "namespace.pid").state, Pass);
  const auto rootless = check("user:[4026532001]", "pid:[4026532002]", nullptr);
  EXPECT_EQ(by_id(rootless, "namespace.user").state, Fail);
  EXPECT_EQ(by_id(rootless, "namespace.pid").state, Warn);
  EXPECT_EQ(by_id(check("user:[4026531837]", "pid:[4026532002]", "pid:[4026532002]"), "namespace.pid").state, Warn);
}
TEST_F(DoctorNamespaces, TheHostsProcMakesUpForAnotherPidNamespace) {
  EXPECT_EQ(by_id(check("user:[4026531837]", "pid:[4026532002]", "pid:[4026531836]"), "namespace.pid").state, Pass);
}

HookAttempt attached(const char* point, const char* mechanism) { return {point, mechanism, true, ""}; }
HookAttempt refused(const char* point, const char* mechanism) { return {point, mechanism, false, "EINVAL"}; }

TEST(DoctorHooks, OneMechanismIsEnough) {
  const auto findings =
      check_hooks({attached("process life", "p"), refused("socket io", "sendmsg-locked"),
                   attached("socket io", "sys-exit"), attached("socket state", "s"), attached("sweep", "i")},
                  HookChoice::Auto);
  const std::map<std::string, FindingState> kExpected{
      {"hook.process-life", Pass},       {"hook.socket-io", Pass},    {"hook.socket-io.sendmsg-locked", Skip},
      {"hook.socket-io.sys-exit", Pass}, {"hook.socket-state", Pass}, {"hook.sweep", Pass}};
  ASSERT_EQ(findings.size(), kExpected.size());
  for (const auto& [id, state] : kExpected) EXPECT_EQ(by_id(findings, id).state, state) << id;
  EXPECT_EQ(by_id(findings, "hook.socket-io").found, "sys-exit attached");
  EXPECT_EQ(by_id(findings, "hook.socket-io.sendmsg-locked").found, "EINVAL");
}
TEST(DoctorHooks, NoneForAHookPointIsAFailure) {
  const auto findings = check_hooks(
      {refused("process life", "p"), refused("socket io", "sendmsg-locked"), refused("socket io", "fentry")},
      HookChoice::Auto);
  EXPECT_EQ(by_id(findings, "hook.process-life").state, Fail);
  EXPECT_EQ(by_id(findings, "hook.socket-io").state, Fail);
  EXPECT_EQ(by_id(findings, "hook.socket-state").state, Skip);
  EXPECT_EQ(by_id(findings, "hook.sweep").state, Skip);
}
TEST(DoctorHooks, AMechanismByNameMustAttachItself) {
  const std::vector<HookAttempt> attempts{attached("process life", "p"), refused("socket io", "fentry"),
                                          attached("socket io", "sys-exit"), attached("socket state", "s"),
                                          refused("sweep", "i")};
  EXPECT_EQ(by_id(check_hooks(attempts, HookChoice::Fentry), "hook.socket-io").state, Fail);
  const auto forced = check_hooks(attempts, HookChoice::SysExit);
  EXPECT_EQ(by_id(forced, "hook.socket-io").state, Pass);
  EXPECT_EQ(by_id(forced, "hook.sweep").state, Warn);
}
TEST(DoctorHooks, ABestMechanismWithoutSocketStateIsAFailureAsItIsTheOneTaken) {
  const auto findings =
      check_hooks({attached("process life", "p"), attached("socket io", "fentry"), refused("socket state", "s"),
                   attached("socket io", "sys-exit"), attached("socket state", "s"), attached("sweep", "i")},
                  HookChoice::Auto);
  EXPECT_EQ(by_id(findings, "hook.socket-state").state, Fail);
  EXPECT_EQ(by_id(findings, "hook.socket-io.fentry").state, Skip);
  EXPECT_EQ(by_id(findings, "hook.socket-io.sys-exit").state, Pass);
}
TEST(DoctorHooks, WithoutPrivilegesEveryLineSaysWhichAreMissing) {
  const auto findings = check_hooks(refused_attempts(), HookChoice::Auto);
  EXPECT_EQ(findings.size(), io_mechanisms().size() + 4);
  for (const IoMechanism& m : io_mechanisms())
    EXPECT_NE(by_id(findings, "hook.socket-io." + std::string(name_of(m.choice))).found.find("CAP_BPF"),
              std::string::npos);
}

TEST(DoctorLoopback, IsNotTriedWithoutPrivileges) {
  const Finding finding = check_loopback(HookChoice::Auto, false);
  EXPECT_EQ(finding.state, Skip);
  EXPECT_NE(finding.found.find("CAP_BPF"), std::string::npos);
}

HttpReply answer(long status) {
  HttpReply reply;
  reply.kind = HttpReply::Kind::Answered;
  reply.status = status;
  return reply;
}

BackendOptions at(const char* url) {
  BackendOptions options;
  options.endpoint.url = url;
  return options;
}

TEST(DoctorOtlp, JudgesTheAnswerToARequestWithoutSpans) {
  const std::pair<long, FindingState> kCases[] = {{200, Pass}, {202, Pass}, {400, Warn}, {401, Fail}, {404, Fail},
                                                  {415, Fail}, {429, Warn}, {500, Fail}, {503, Warn}};
  for (const auto& [status, state] : kCases)
    EXPECT_EQ(judge_otlp(at("http://h:4318/v1/traces"), answer(status)).state, state) << status;
  EXPECT_NE(judge_otlp(at("http://h/v1/traces"), answer(401)).mend.find("OTEL_EXPORTER_OTLP_HEADERS"), std::string::npos);
  HttpReply none;
  none.failure = "refused";
  const Finding unreachable = judge_otlp(at("http://user:secret@h/v1/traces"), none);
  EXPECT_EQ(unreachable.state, Fail);
  EXPECT_EQ(unreachable.found, "http://h/v1/traces: refused");  // no secret is shown
}
TEST(DoctorOtlp, IsSkippedWithoutAnEndpointAndFailsOnOneThatCannotWork) {
  EXPECT_EQ(check_destinations(std::vector<BackendOptions>()).at(0).state, Skip);
  EXPECT_EQ(check_destinations(Error{"--otlp=ftp://h is no address"}).at(0).state, Fail);
  // Nobody listens on port 1.
  const auto findings = check_destinations(std::vector<BackendOptions>{at("http://127.0.0.1:1/v1/traces"), at("http://127.0.0.1:1/x")});
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[1].found.find("http://127.0.0.1:1/x"), 0u) << findings[1].found;
}

}  // namespace
}  // namespace suture
