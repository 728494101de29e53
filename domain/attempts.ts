/** What somebody attempted, as words after "tried to". */
import { numberOfTask, taskOf, type TaskId } from './checklist';
import type { Decision } from './decisions';
import { ROLES } from './roles';
import { SMS_TEXTS } from './sms';
import { stepOf } from './steps';

export function nameTask(id: TaskId): string {
  return `${numberOfTask(id)} ${taskOf(id).title}`;
}

export function nameTasks(ids: readonly TaskId[]): string {
  return ids.map(nameTask).join('; ');
}

export function describeAttempt(decision: Decision): string {
  switch (decision.name) {
    case 'completeTasks':
      return `complete ${nameTasks(decision.tasks)}`;
    case 'failTask':
      return `say that ${nameTask(decision.task)} failed`;
    case 'retryTask':
      return `retry ${nameTask(decision.task)}`;
    case 'markNotNeeded':
      return `mark ${nameTasks(decision.tasks)} as not needed`;
    case 'assignTask':
      return `assign ${nameTask(decision.task)} to ${decision.to}`;
    case 'recordFinding':
      return `record ${decision.finding}${decision.value === undefined ? '' : ` = ${decision.value}`}`;
    case 'withdrawFinding':
      return `withdraw ${decision.finding}`;
    case 'widenScope':
      return `add ${decision.what} ${decision.which} to the scope`;
    case 'determine':
      return `determine: ${decision.determination}`;
    case 'approve':
      return `approve ${decision.request}`;
    case 'refuse':
      return `refuse ${decision.request}`;
    case 'withhold':
      return `withhold step ${stepOf(decision.step).number} (${stepOf(decision.step).title})`;
    case 'breakGlass':
      return `break the glass for ${decision.request}`;
    case 'orderStop':
      return `order that ${decision.instance} be stopped now`;
    case 'giveUp':
      return `give up the containment of ${decision.target}`;
    case 'release':
      return `release ${decision.instance}`;
    case 'handOver':
      return `hand ${decision.item} over to ${decision.to}`;
    case 'lockForGood':
      return 'lock the images in cold storage for good';
    case 'settleRotation':
      return `settle the rotation of ${decision.user} on ${decision.system}`;
    case 'submitNote':
      return 'submit the internal note';
    case 'send':
      return `send an e-mail to ${[...decision.to, ...(decision.cc ?? []), ...(decision.bcc ?? [])].join(', ')}`;
    case 'sendSms':
      return `send the SMS "${SMS_TEXTS[decision.text]}" to ${decision.person}`;
    case 'addContact':
      return `name ${decision.id} (${decision.called}) as somebody outside: ${decision.kind}`;
    case 'logContact':
      return `record a conversation with ${decision.party}`;
    case 'reachCustomer':
      return `say that ${decision.party} was ${decision.outcome === 'reached' ? 'reached' : 'not reached'}`;
    case 'releaseStatement':
      return `release the statement to ${decision.to === 'public' ? 'the public' : "the customers' security teams"}`;
    case 'retrySend':
      return `send ${decision.message} again`;
    case 'dropSend':
      return `drop ${decision.message}`;
    case 'meetClock':
      return `say that ${decision.clock} is met`;
    case 'reopenClock':
      return `say that ${decision.clock} is not met after all`;
    case 'setAwareness':
      return `say that the company was aware of it since ${decision.at}`;
    case 'submitStatement':
      return 'submit a public statement';
    case 'confirm':
      return `confirm ${decision.request}`;
    case 'renewKeys':
      return "read the responders' keys anew";
    case 'acknowledge':
      return 'acknowledge the page';
    case 'giveRole':
      return `give ${decision.person} the role ${ROLES[decision.role]}`;
    case 'takeRole':
      return `take the role ${ROLES[decision.role]} from ${decision.person}`;
    case 'offerCommand':
      return `hand the command over to ${decision.person}`;
    case 'acceptCommand':
      return 'accept the command';
    case 'exclude':
      return `exclude ${decision.person}`;
    case 'readmit':
      return `readmit ${decision.person}`;
    case 'moveRoom':
      return 'move to a new room';
    case 'startTask':
      return `begin ${nameTask(decision.task)}`;
    case 'setPace':
      return 'change how often people are asked';
    case 'lookWho':
      return 'ask who can see this';
    case 'close':
      return 'close the incident';
  }
}
