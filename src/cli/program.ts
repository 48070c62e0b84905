import type { Command } from 'commander';
import { musterVersion } from '../runtime/muster-version.ts';
import { addChanges as addAgentChanges, addRevoke as addAgentRevoke } from './cmds/agent/change.ts';
import { addDescribe as addAgentDescribe } from './cmds/agent/describe.ts';
import { addList as addAgentList } from './cmds/agent/list.ts';
import { addStart as addAgentStart } from './cmds/agent/start.ts';
import { addDescribe as addAuctionDescribe } from './cmds/auction/describe.ts';
import { addList as addAuctionList } from './cmds/auction/list.ts';
import { addBackup } from './cmds/backup.ts';
import { addBlocks } from './cmds/block/block.ts';
import { addCompletion } from './cmds/completion.ts';
import { addConsole } from './cmds/console.ts';
import { addDoctor } from './cmds/doctor.ts';
import { addDown } from './cmds/down.ts';
import { addBuild } from './cmds/image/build.ts';
import { addKey } from './cmds/image/key.ts';
import { addSign } from './cmds/image/sign.ts';
import { addVerify } from './cmds/image/verify.ts';
import { addList as addKeyList } from './cmds/key/list.ts';
import { addDescribe as addLedgerDescribe } from './cmds/ledger/describe.ts';
import { addList as addLedgerList } from './cmds/ledger/list.ts';
import { addVerify as addLedgerVerify } from './cmds/ledger/verify.ts';
import { addDelete as addPackageDelete } from './cmds/package/delete.ts';
import { addDescribe as addPackageDescribe } from './cmds/package/describe.ts';
import { addList as addPackageList } from './cmds/package/list.ts';
import { addOnboard } from './cmds/package/onboard.ts';
import { addValidate } from './cmds/package/validate.ts';
import { addApply as addPipelineApply } from './cmds/pipeline/apply.ts';
import { addDiff as addPipelineDiff } from './cmds/pipeline/diff.ts';
import { addGet as addPipelineGet } from './cmds/pipeline/get.ts';
import { addPlan as addPipelinePlan } from './cmds/pipeline/plan.ts';
import { addSchema as addPipelineSchema } from './cmds/pipeline/schema.ts';
import { addUpgrade as addPipelineUpgrade } from './cmds/pipeline/upgrade.ts';
import { addValidate as addPipelineValidate } from './cmds/pipeline/validate.ts';
import { addPlan } from './cmds/plan.ts';
import { addReplay } from './cmds/replay.ts';
import { addRestore } from './cmds/restore.ts';
import { addDescribe as addScenarioDescribe } from './cmds/scenario/describe.ts';
import { addList as addScenarioList } from './cmds/scenario/list.ts';
import { addRun } from './cmds/scenario/run.ts';
import { addSchema } from './cmds/scenario/schema.ts';
import { addApply, addDiff } from './cmds/service/apply.ts';
import { addChanges as addServiceChanges } from './cmds/service/change.ts';
import { addDescribe as addServiceDescribe } from './cmds/service/describe.ts';
import { addImprove } from './cmds/service/improve.ts';
import { addList as addServiceList } from './cmds/service/list.ts';
import { addOperations } from './cmds/service/operation.ts';
import { addUnitCommands } from './cmds/service/unit.ts';
import { addStatus } from './cmds/status.ts';
import { addCreate as addTokenCreate } from './cmds/token/create.ts';
import { addList as addTokenList } from './cmds/token/list.ts';
import { addRevoke as addTokenRevoke } from './cmds/token/revoke.ts';
import { addUp } from './cmds/up.ts';
import { addQuestions } from './cmds/what-if/ask.ts';
import { addLooks } from './cmds/what-if/list.ts';
import { addSettling } from './cmds/what-if/settle.ts';
import { addWhy } from './cmds/why.ts';
import { addWhyNot } from './cmds/why-not.ts';
import { EnvCommand } from './env-command.ts';
import { example } from './example.ts';

/** The command line: nouns with their verbs, and the questions one asks of a run. */
export function createProgram(): Command {
  const program: Command = new EnvCommand('muster')
    .description(
      'Network services over many sites with nobody in the middle: agents bargain, act, and can be asked why',
    )
    .version(musterVersion(), '--version', 'the version of Muster')
    .option('--debug', 'show where an error comes from')
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .exitOverride();
  const scenario = program.command('scenario').description('run and look at scenarios').exitOverride();
  addRun(scenario);
  addScenarioList(scenario);
  addScenarioDescribe(scenario);
  addSchema(scenario);
  const packages = program
    .command('package')
    .description('packages of functions and services: ETSI SOL006, as Open Source MANO has them')
    .exitOverride();
  addValidate(packages);
  addOnboard(packages);
  addPackageList(packages);
  addPackageDescribe(packages);
  addPackageDelete(packages);
  const service = program.command('service').description('services of what is up here').exitOverride();
  addApply(service);
  addDiff(service);
  addServiceList(service);
  addServiceDescribe(service);
  addServiceChanges(service);
  addImprove(service);
  addUnitCommands(service);
  addOperations(
    service.command('operation').description('what is being done to services, or was').exitOverride(),
  );
  const pipeline = program
    .command('pipeline')
    .description('the control agents of a service: planned, edited, and changed while they run')
    .exitOverride();
  addPipelinePlan(pipeline);
  addPipelineGet(pipeline);
  addPipelineValidate(pipeline);
  addPipelineDiff(pipeline);
  addPipelineApply(pipeline);
  addPipelineUpgrade(pipeline);
  addPipelineSchema(pipeline);
  const agent = program
    .command('agent')
    .description('agents of what is up, or of a recorded run')
    .exitOverride();
  addAgentList(agent);
  addAgentDescribe(agent);
  addAgentChanges(agent);
  addAgentStart(agent);
  addAgentRevoke(agent);
  addBlocks(
    program
      .command('block')
      .description('addresses that are dropped at the guarded links of what is up')
      .exitOverride(),
  );
  const auction = program
    .command('auction')
    .description('auctions of what is up, or of a recorded run')
    .exitOverride();
  addAuctionList(auction);
  addAuctionDescribe(auction);
  const image = program
    .command('image')
    .description('agents wrapped for attestation, and programs that are signed')
    .exitOverride();
  addBuild(image);
  addVerify(image);
  addSign(image);
  addKey(image);
  const ledger = program
    .command('ledger')
    .description('what stands in the ledger of a pipeline')
    .exitOverride();
  addLedgerList(ledger);
  addLedgerDescribe(ledger);
  addLedgerVerify(ledger);
  const key = program.command('key').description('the key of a group of agents').exitOverride();
  addKeyList(key);
  const token = program
    .command('token')
    .description('tokens for the API: who may look, and who may do things')
    .exitOverride();
  addTokenCreate(token);
  addTokenList(token);
  addTokenRevoke(token);
  const whatIf = program
    .command('what-if')
    .description('what is up, forked into the twin, changed there and run ahead: nothing of it is touched')
    .exitOverride();
  addQuestions(whatIf);
  addLooks(whatIf);
  addSettling(whatIf);
  addUp(program);
  addConsole(program);
  addDown(program);
  addStatus(program);
  addPlan(program);
  addWhy(program);
  addWhyNot(program);
  addReplay(program);
  addBackup(program);
  addRestore(program);
  addDoctor(program);
  addCompletion(program);
  for (const each of everyCommand(program)) {
    each.exitOverride();
  }
  program.addHelpText(
    'after',
    '\nEvery flag can be given as MUSTER_<FLAG> in the environment (0, false, no, off: not set); the flag on the line counts first.\n' +
      'Exit codes: 0 done, 1 error, 2 done but not as expected, 3 attestation refused, 64 usage, 130 interrupted.\n' +
      example('muster scenario run demo', 'muster why', 'muster why-not functionPlaced'),
  );
  return program;
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}
